/// A syntax error of libyaml in words for people who write policies.
package struct YAMLProblem: Sendable, Hashable {
    package let message: String
    package let help: String?

    /// - Parameters:
    ///   - problem: what libyaml says, such as `did not find expected ',' or ']'`.
    ///   - begun: the line of the list, mapping or quoted text that the error is in, or nil if there is none.
    package init(libyaml problem: String, begun: Int?) {
        let row = table.first { problem.hasPrefix($0.problem) }
        let since = row?.namesBegin == true ? begun.map { ", begun in line \($0)" } ?? "" : ""
        message = (row?.message ?? problem) + since
        help = row?.help
    }
}

private struct Row: Sendable {
    let problem: String
    let message: String
    var namesBegin = false
    let help: String?
}

/// The problems that a text in UTF-8 without directives, tags and control characters can cause (libyaml 0.2.5,
/// scanner.c and parser.c).
private let table: [Row] = [
    Row(
        problem: "did not find expected ',' or ']'",
        message: "a list in brackets lacks a comma or its `]`", namesBegin: true,
        help: "close it, or separate its items by commas"),
    Row(
        problem: "did not find expected ',' or '}'",
        message: "a mapping in braces lacks a comma or its `}`", namesBegin: true,
        help: "close it, separate its entries by commas, and quote texts that hold a colon or comma"
    ),
    Row(
        problem: "did not find expected node content", message: "a value is missing or not closed",
        help: "look for a `[`, `{` or quotation mark that is not closed"),
    Row(
        problem: "did not find expected key", message: "expected the next key of the mapping",
        namesBegin: true,
        help: "keys of one mapping begin in the same column, and each has a colon"),
    Row(
        problem: "did not find expected '-' indicator",
        message: "expected the next item of the list",
        namesBegin: true, help: "items of one list begin in the same column with `- `"),
    Row(
        problem: "could not find expected ':'", message: "a key without a colon",
        help: "write `key: value`, with a space after the colon"),
    Row(
        problem: "mapping values are not allowed in this context",
        message: "a colon where no key can be",
        help: "quote a text that holds a colon and a space, and check the indentation"),
    Row(
        problem: "mapping keys are not allowed in this context",
        message: "a `?` where no key can be", help: "quote the text"),
    Row(
        problem: "block sequence entries are not allowed in this context",
        message: "a list item where none can be",
        help: "begin the list on a line of its own, one `- ` for each item"),
    Row(
        problem: "found character that cannot start any token",
        message: "a text cannot begin with this character", help: "quote the text"),
    Row(
        problem: "found unexpected end of stream", message: "a quotation mark is not closed",
        namesBegin: true, help: nil),
    Row(
        problem: "found unexpected document indicator",
        message: "a quoted text holds `---` or `...` at the start of a line", namesBegin: true,
        help: "close the quotation mark before it"),
    Row(
        problem: "found unknown escape character",
        message: "`\\` is followed by a letter that has no meaning in double quotes",
        help: "use single quotes, in which `\\` is a plain character"),
    Row(
        problem: "did not find expected hexdecimal number",
        message: "an escape lacks hexadecimal digits",
        help: "use single quotes, in which `\\` is a plain character"),
    Row(
        problem: "found invalid Unicode character escape code",
        message: "an escape is no Unicode character", help: nil),
    Row(
        problem: "found unexpected ':'", message: "a colon inside of a text in brackets or braces",
        help: "quote the text"),
    Row(
        problem: "did not find expected comment or line break",
        message: "text after `|` or `>` on the same line", help: "begin the text on the next line"),
    Row(
        problem: "found an indentation indicator equal to 0",
        message: "an indentation of 0 after `|` or `>`", help: "leave the number out"),
    Row(
        problem: "did not find expected alphabetic or numeric character",
        message: "`&` or `*` without a name",
        help: "quote a text that begins with it; anchors and aliases are not allowed"),
    Row(
        problem: "did not find expected <document start>",
        message: "text after the end of the document",
        help: "keys of one mapping begin in the same column"),
    Row(
        problem: "did not find expected whitespace or line break",
        message: "a directive or tag that is not closed by a space",
        help: "quote a text that begins with `%` or `!`"),
]
