#include "response_file.h"

namespace backtab {
namespace {

// More nested files than any build writes; ends a file that names itself.
constexpr int kMaximumDepth = 20;

bool IsSpace(char character) {
  return character == ' ' || (character >= '\t' && character <= '\r');
}

void Expand(const std::string& argument, int depth,
            const std::function<std::optional<std::string>(const std::string& path)>& read,
            std::vector<std::string>& result) {
  if (argument.size() > 1 && argument[0] == '@' && depth < kMaximumDepth) {
    if (const std::optional<std::string> text = read(argument.substr(1))) {
      for (const std::string& part : SplitResponseFile(*text))
        Expand(part, depth + 1, read, result);
      return;
    }
  }
  result.push_back(argument);
}

}  // namespace

std::vector<std::string> SplitResponseFile(std::string_view text) {
  std::vector<std::string> arguments;
  std::string argument;
  bool in_argument = false;
  char quote = '\0';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char character = text[i];
    if (character == '\\' && i + 1 < text.size()) {
      argument += text[++i];
      in_argument = true;
    } else if (quote != '\0') {
      if (character == quote) {
        quote = '\0';
      } else {
        argument += character;
      }
    } else if (character == '"' || character == '\'') {
      quote = character;
      in_argument = true;
    } else if (!IsSpace(character)) {
      argument += character;
      in_argument = true;
    } else if (in_argument) {
      arguments.push_back(std::move(argument));
      argument.clear();
      in_argument = false;
    }
  }
  if (in_argument) arguments.push_back(std::move(argument));
  return arguments;
}

std::string QuoteResponseFile(const std::vector<std::string>& arguments) {
  std::string text;
  for (const std::string& argument : arguments) {
    text += '"';
    for (const char character : argument) {
      if (character == '"' || character == '\\') text += '\\';
      text += character;
    }
    text += "\"\n";
  }
  return text;
}

std::vector<std::string> ExpandResponseFiles(
    const std::vector<std::string>& arguments,
    const std::function<std::optional<std::string>(const std::string& path)>& read) {
  std::vector<std::string> result;
  for (const std::string& argument : arguments) Expand(argument, 0, read, result);
  return result;
}

}  // namespace backtab
