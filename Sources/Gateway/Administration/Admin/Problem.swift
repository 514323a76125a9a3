/// One occurrence of a problem: the reason why a request was not executed (RFC 9457).
package struct Problem: Error {
    package let kind: ProblemKind
    /// A description of this occurrence in one sentence.
    package let detail: String
    /// Advice for the user of the command line; other responses omit it.
    package var help: String?
    package var headers: [(name: String, value: String)] = []

    package init(_ kind: ProblemKind, _ detail: String, help: String?) {
        self.init(kind, detail)
        self.help = help
    }

    package init(
        _ kind: ProblemKind, _ detail: String, _ headers: (name: String, value: String)...
    ) {
        self.kind = kind
        // Truncated, because the text may quote the request.
        self.detail = String(
            String.UnicodeScalarView(detail.unicodeScalars.prefix(Self.longestDetail)))
        self.headers = headers
    }

    /// The maximum length of `detail` in code points.
    private static let longestDetail = 4096
}
