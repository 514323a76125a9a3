import Glibc

/// The results of a verification: a summary line, faults and warnings.
struct Findings {
    /// The text of the line `ok: ...`.
    var summary = ""
    private(set) var faults: [String] = []
    private(set) var warnings: [String] = []
    /// True if the evidence was compared with nothing outside the operator's control.
    var lacksOutsideMemory = false

    /// The most faults, and the most warnings.
    static let maximum = 100

    /// True if the maximum of faults is reached; further checks would only repeat them.
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

/// Standard output and standard error. Evidence may contain anything, so every byte outside printable ASCII is written
/// as `?`: it must not control a terminal.
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
                // A result that cannot be written must not count as a success.
                if descriptor == 1 { Glibc.exit(Exit.io.rawValue) }
                return
            }
            offset += written
        }
    }
}

private let newline = UInt8(ascii: "\n")
private let question = UInt8(ascii: "?")
