/// Why a request was not done, this time.
package struct Problem: Error {
    package let kind: ProblemKind
    /// One sentence.
    package let detail: String
    /// Advice for whoever asked at the command line.
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
        // It may quote what was sent.
        self.detail = String(
            String.UnicodeScalarView(detail.unicodeScalars.prefix(Self.longestDetail)))
        self.headers = headers
    }

    /// In code points.
    private static let longestDetail = 4096
}
