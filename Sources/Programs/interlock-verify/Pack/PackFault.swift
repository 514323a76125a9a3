/// The end of the verification of an evidence pack.
enum PackFault: Error {
    /// The pack is bad; the text names the file.
    case broken(String)
    /// No verdict: something cannot be read.
    case refused(Refusal)

    static func file(_ name: String, _ text: String) -> PackFault { .broken("`\(name)`: \(text)") }

    static func file(_ name: String, expected: String, found: String) -> PackFault {
        .file(name, "expected \(expected), found \(found)")
    }
}

/// The checks of an evidence pack, in the order in which they are made (docs/evidence.md).
enum PackCheck: String, CaseIterable {
    case manifest, files, form, checkpoints, consistency, records, samples, policies, signatures
    case build, controls, counts, frameworks
}

/// The results of the checks of an evidence pack. The first fault ends the verification.
struct PackReport {
    /// The text of the line `ok: ...`.
    var summary = ""
    private(set) var passed: [PackCheck] = []
    private(set) var fault: (check: PackCheck, text: String)?
    /// The checks of which a part was left out.
    private(set) var incomplete: Set<PackCheck> = []
    /// The parts that were not checked, with the reason; the first ones, if there are many.
    private(set) var unverified: [(check: PackCheck, text: String)] = []

    static let maximumUnverified = 200

    mutating func pass(_ check: PackCheck) { passed.append(check) }

    mutating func fail(_ check: PackCheck, _ text: String) { fault = (check, text) }

    mutating func leave(_ check: PackCheck, _ text: String) {
        incomplete.insert(check)
        let isNew = !unverified.contains { $0.check == check && $0.text == text }
        if isNew, unverified.count < PackReport.maximumUnverified {
            unverified.append((check, text))
        }
    }

    func exit(strict: Bool) -> Exit {
        guard fault == nil else { return .bad }
        return strict && !incomplete.isEmpty ? .nothingOutside : .verified
    }

    /// A check is `passed` only if no part of it was left out.
    func result(of check: PackCheck) -> String {
        if fault?.check == check { return "failed" }
        guard passed.contains(check) else { return "not reached" }
        return incomplete.contains(check) ? "unverified" : "passed"
    }

    func print(json: Bool) {
        if let fault { Output.error("fault: \(fault.check.rawValue): \(fault.text)") }
        for one in unverified { Output.error("unverified: \(one.check.rawValue): \(one.text)") }
        guard !json else {
            Output.line(self.json)
            return
        }
        if let fault {
            Output.line("BAD: \(fault.check.rawValue): \(fault.text)")
        } else {
            let rest = unverified.isEmpty ? "" : ", \(unverified.count) parts unverified"
            Output.line("ok: \(summary)\(rest)")
        }
    }

    private var json: String {
        let checks = PackCheck.allCases.map {
            "{\"check\":\(quoted($0.rawValue)),\"result\":\(quoted(result(of: $0)))}"
        }
        func list(_ all: [(check: PackCheck, text: String)]) -> String {
            all.map {
                "{\"check\":\(quoted($0.check.rawValue)),\"text\":\(quoted($0.text))}"
            }.joined(separator: ",")
        }
        let parts = [
            "\"checks\":[\(checks.joined(separator: ","))]",
            "\"faults\":[\(list(fault.map { [$0] } ?? []))]",
            "\"summary\":\(quoted(summary))",
            "\"unverified\":[\(list(unverified))]",
            "\"verified\":\(fault == nil)",
        ]
        return "{\(parts.joined(separator: ","))}"
    }
}

/// Returns a string of JSON; every character outside printable ASCII is `?`, as in all output.
private func quoted(_ text: String) -> String {
    var bytes: [UInt8] = [UInt8(ascii: "\"")]
    for byte in text.utf8 {
        if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
            bytes.append(UInt8(ascii: "\\"))
        }
        bytes.append((0x20..<0x7f).contains(byte) ? byte : UInt8(ascii: "?"))
    }
    bytes.append(UInt8(ascii: "\""))
    return String(decoding: bytes, as: UTF8.self)
}
