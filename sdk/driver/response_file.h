// Response files: `@path` on a command line stands for the arguments in that file.

#ifndef BACKTAB_SDK_DRIVER_RESPONSE_FILE_H_
#define BACKTAB_SDK_DRIVER_RESPONSE_FILE_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace backtab {

// Splits the contents of a response file as clang and GCC do: at white space, with single and
// double quotes, and with a backslash that takes the next character as it is.
std::vector<std::string> SplitResponseFile(std::string_view text);

// Writes arguments so that SplitResponseFile gives them back.
std::string QuoteResponseFile(const std::vector<std::string>& arguments);

// Replaces every `@path` by the arguments in that file, which may name further ones (relative to
// the working directory, as clang does by default). `read` returns a file's contents, or nothing
// when it cannot be read; then the argument stays as it is, as clang leaves it.
std::vector<std::string> ExpandResponseFiles(
    const std::vector<std::string>& arguments,
    const std::function<std::optional<std::string>(const std::string& path)>& read);

}  // namespace backtab

#endif  // BACKTAB_SDK_DRIVER_RESPONSE_FILE_H_
