import InterlockMarkup
import InterlockModel
import InterlockPolicyReview

/// The text of every signed file that differs, line by line, and the files that are the same. Nothing is folded, cut or
/// invisible.
struct FileDiffView {
    let diff: RevisionFileDiff

    /// The most unchanged files that are listed. A revision with more files cannot be signed by passkey.
    private static let mostUnchanged = 1000

    @HTMLBuilder var content: [HTML] {
        if !diff.isWhole {
            notice(.bad) {
                "The texts are too long for a page, so the revision cannot be signed here. On the command line: "
                element(.code) { "interlock policy diff OLD NEW --sign KEY" }
            }
        }
        if diff.files.isEmpty {
            element(.p, .style(.empty)) { "No file differs" }
        }
        for file in diff.files { Self.file(file) }
        if !diff.unchanged.isEmpty {
            element(.h3) { Shape.count(diff.unchanged.count, "file") + " unchanged" }
            element(.ul, .style(.tree)) {
                for file in diff.unchanged.prefix(Self.mostUnchanged) {
                    element(.li) {
                        SafeText.text(file.path)
                        " "
                        element(.code) { file.digest.prefixed }
                    }
                }
            }
            if diff.unchanged.count > Self.mostUnchanged {
                element(.p) { "and \(diff.unchanged.count - Self.mostUnchanged) more" }
            }
        }
    }

    private static func file(_ file: FileDiff) -> HTML {
        element(.div, .style(.change)) {
            element(.h3) {
                SafeText.text(file.path)
                " +\(file.added) -\(file.removed)"
            }
            element(.p, .style(.hint)) {
                switch file.change {
                case .added: "New file"
                case .removed: "File removed"
                case .changed: "File changed"
                }
                if let digest = file.digest {
                    ", "
                    element(.code) { digest.prefixed }
                }
            }
            if !file.isText {
                notice(.warning) { "This file is not UTF-8 text. Only its digest is shown." }
            }
            if !file.isShortest {
                element(.p, .style(.hint)) {
                    "The files differ by too many lines to match them. All lines between the first and the last "
                        + "difference are replaced."
                }
            }
            for hunk in file.hunks { self.hunk(hunk) }
        }
    }

    private static func hunk(_ hunk: FileDiff.Hunk) -> HTML {
        var (old, new) = (hunk.oldStart, hunk.newStart)
        var lines: [HTML] = []
        for line in hunk.lines {
            lines.append(self.line(line, line.kind == .removed ? old : new))
            if line.kind != .added { old += 1 }
            if line.kind != .removed { new += 1 }
        }
        return element(.div, .style(.block, .diff)) { lines }
    }

    private static func line(_ line: FileDiff.Line, _ number: Int) -> HTML {
        let (sign, styles): (String, [Style]) =
            switch line.kind {
            case .same: (" ", [])
            case .removed: ("-", [.removed])
            case .added: ("+", [.added])
            }
        return .element(
            .div, styles.isEmpty ? [] : [.style(styles)],
            [element(.span, .style(.number)) { "\(number) \(sign) " }] + text(line.text)
                + (line.isUnended
                    ? [element(.span, .style(.sign)) { " (no line break at the end)" }] : []))
    }

    /// The line with its indentation as spaces, which the box keeps.
    @HTMLBuilder private static func text(_ line: String) -> [HTML] {
        let rest = line.drop { $0 == " " }
        if rest.isEmpty {
            if !line.isEmpty { SafeText.text(line) }
        } else {
            String(line.prefix(line.count - rest.count))
            SafeText.text(String(rest))
        }
    }
}
