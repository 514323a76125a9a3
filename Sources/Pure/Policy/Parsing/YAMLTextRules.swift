import InterlockModel

/// Applies the rules about bytes, before any YAML parser sees the file: size, UTF-8, and the characters
/// that a reader cannot see or that libyaml and an editor interpret differently.
package func textFindings(_ bytes: [UInt8], file: String) -> [Finding] {
    if bytes.count > YAMLLimits.fileBytes {
        let place = PolicyLocation(file: file, line: 1, column: 1)
        return [Finding(.tooLarge, at: place, "the file has more than 1 MiB")]
    }
    if isPlain(bytes) { return [] }
    var scan = TextScan(file: file)
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    while scan.findings.count < Findings.most {
        switch decoder.decode(&iterator) {
        case .emptyInput: return scan.finish()
        case .error:
            scan.report(.forbiddenCharacter, "the file is not UTF-8")
            return scan.all
        case .scalarValue(let scalar): scan.take(scalar)
        }
    }
    return scan.all
}

/// Returns true for visible ASCII and ends of lines, as in most policies, which need no further check.
private func isPlain(_ bytes: [UInt8]) -> Bool {
    bytes.allSatisfy { (0x20...0x7e).contains($0) || $0 == 0x0a }
}

private struct TextScan {
    let file: String
    var findings: [Finding] = []
    private var line = 1
    private var column = 1
    private var afterReturn = false
    /// The first tab and the number of all: one habit of an editor is one finding.
    private var firstTab: PolicyLocation?
    private var tabs = 0

    init(file: String) { self.file = file }

    mutating func report(_ code: FindingCode, _ message: String) {
        let place = PolicyLocation(file: file, line: line, column: column)
        findings.append(Finding(code, at: place, message))
    }

    mutating func take(_ scalar: Unicode.Scalar) {
        if scalar == "\n" {
            line += 1
            column = 1
            afterReturn = false
            return
        }
        if afterReturn { report(.forbiddenCharacter, "a carriage return that ends no line") }
        afterReturn = scalar == "\r"
        switch scalar.value {
        case 0x09: takeTab()
        case 0x0d: break
        // The last line lists the characters that make an editor show a line in another order.
        case 0x00...0x1f, 0x7f...0x9f, 0x2028, 0x2029, 0xfeff, 0xfffe, 0xffff,
            0x061c, 0x200e, 0x200f, 0x202a...0x202e, 0x2066...0x2069:
            let digits = String(scalar.value, radix: 16, uppercase: true)
            let padded = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
            report(.forbiddenCharacter, "character U+\(padded)")
        default: break
        }
        column += 1
    }

    private mutating func takeTab() {
        tabs += 1
        if firstTab == nil { firstTab = PolicyLocation(file: file, line: line, column: column) }
    }

    mutating func finish() -> [Finding] {
        if afterReturn { report(.forbiddenCharacter, "a carriage return that ends no line") }
        return all
    }

    /// The findings so far, with the one about tabs.
    var all: [Finding] {
        guard let firstTab else { return findings }
        let more = tabs == 1 ? "" : ", the first of \(tabs) in this file"
        let finding = Finding(
            .tab, at: firstTab, "a tab character\(more)",
            help: "replace it with spaces: editors show tabs in different widths")
        return findings + [finding]
    }
}
