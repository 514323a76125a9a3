import InterlockCommandLine
import InterlockJSON
import InterlockLogReading
import InterlockModel
import InterlockStore

/// Prints the result of `audit verify` for people and scripts: one line `ok:` or `BAD:` on standard output, faults and
/// warnings on standard error.
enum VerifyText {
    static func print(
        _ report: VerifyReport, _ quorum: RequiredQuorum?, strict: Bool, json: Bool
    ) {
        if json { return Output.json(value(report, quorum)) }
        for fault in report.faults { Output.error("fault: \(TerminalEscaping.shown(fault))") }
        Output.line(summary(report))
        for left in report.unchecked {
            Output.error("not checked: \(TerminalEscaping.shown(left))")
        }
        if let quorum { Output.error("note: \(TerminalEscaping.shown(quorum.text))") }
        for warning in report.warnings {
            Output.error("warning: \(TerminalEscaping.shown(warning))")
        }
        if strict, !report.unknownTypes.isEmpty {
            let types = report.unknownTypes.keys.sorted().map(TerminalEscaping.shown)
            Output.error("unknown types: \(types.joined(separator: ", "))")
        }
    }

    static func summary(_ report: VerifyReport) -> String {
        guard report.isGood else {
            return "BAD: \(report.faults.count) faults in \(report.size) entries"
        }
        var parts = ["ok: \(report.size) entries", "root \(report.root.base64)"]
        parts += report.extended.map {
            "extends \(TerminalEscaping.shown($0.name)) (size \($0.size))"
        }
        if report.cosignatures > 0 { parts.append("cosigned by \(report.cosignatures)") }
        return parts.joined(separator: ", ")
    }

    private static func value(_ report: VerifyReport, _ quorum: RequiredQuorum?) -> JSONValue {
        var unknown = JSONObject()
        for (type, count) in report.unknownTypes.sorted(by: { $0.key < $1.key }) {
            unknown[type] = .count(count)
        }
        return [
            "good": .bool(report.isGood), "anchored": .bool(report.isAnchored),
            "entries": .count(report.size),
            "published": .count(report.published),
            "pruned": .count(report.prunedEntries),
            "root": .string(report.root.base64), "frames": .count(report.frames),
            "runs": .count(report.runs),
            "open_intents": .count(report.openIntents),
            "payloads": .count(report.payloads),
            "erased_payloads": .count(report.erasedPayloads),
            "cosignatures": .count(report.cosignatures),
            "quorum": .bool(report.hasQuorum),
            "trust": quorum.map { .string($0.path) } ?? .null,
            "extends": .array(
                report.extended.map { ["name": .string($0.name), "size": .count($0.size)] }),
            "unknown_types": .object(unknown),
            "approval_uses": .count(report.approvalUses),
            "not_checked": .strings(report.unchecked),
            "faults": .strings(report.faults),
            "warnings": .strings(report.warnings),
        ]
    }
}
