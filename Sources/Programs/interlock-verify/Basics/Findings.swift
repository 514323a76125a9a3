import Glibc

/// What was found: one line of result, faults, warnings.
struct Findings {
    /// What was checked, for the line `ok: ...`.
    var summary = ""
    private(set) var faults: [String] = []
    private(set) var warnings: [String] = []
    /// Nothing outside the operator's reach was compared with.
    var lacksOutsideMemory = false

    /// Of faults and of warnings each.
    static let maximum = 100

    /// Enough was found; looking further would only repeat it.
    var isFull: Bool { faults.count >= Findings.maximum }
    var isGood: Bool { faults.isEmpty }

    mutating func fault(_ text: String) {
        if !isFull { faults.append(text) }
    }

    mutating func warn(_ text: String) {
        if warnings.count < Findings.maximum { warnings.append(text) }
    }

    func exit(strict: Bool) -> Exit {
        guard isGood else { return .bad }
        return strict && lacksOutsideMemory ? .nothingOutside : .verified
    }

    func print() {
        for fault in faults { Output.error("fault: \(fault)") }
        for warning in warnings { Output.error("warning: \(warning)") }
        Output.line(isGood ? "ok: \(summary)" : "BAD: \(faults.count) faults: \(summary)")
    }
}

/// Standard output and standard error. Evidence may hold anything, so what is no printable ASCII is
/// shown as `?`: it must not steer a terminal.
enum Output {
    static func line(_ text: String) { write(text, to: 1) }
    static func error(_ text: String) { write(text, to: 2) }

    private static func write(_ text: String, to descriptor: Int32) {
        var bytes = text.utf8.map { $0 == newline || (0x20..<0x7f).contains($0) ? $0 : question }
        bytes.append(newline)
        var offset = 0
        while offset < bytes.count {
            let written = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.write(
                    descriptor, $0.baseAddress?.advanced(by: offset), bytes.count - offset)
            }
            if written < 0 {
                if errno == EINTR { continue }
                // A result that nobody can read is no result.
                if descriptor == 1 { Glibc.exit(Exit.io.rawValue) }
                return
            }
            offset += written
        }
    }
}

private let newline = UInt8(ascii: "\n")
private let question = UInt8(ascii: "?")
