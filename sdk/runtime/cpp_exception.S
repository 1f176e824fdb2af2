# The tag of C++ exceptions: one i32, the address of the thrown object's header. clang refers to it
# from every landing pad and throw; Debian's compiler-rt is built without it.
    .globl __cpp_exception
    .tagtype __cpp_exception i32
__cpp_exception:
