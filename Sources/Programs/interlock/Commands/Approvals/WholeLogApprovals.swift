import InterlockApprovals
import InterlockCommandLine
import InterlockCredentials
import InterlockJSON
import InterlockLogReading
import InterlockModel
import InterlockStore

/// Every approval of a log: the log is recomputed with its calls that people had to approve, and each request is checked
/// with what this deployment can open of it.
struct WholeLogApprovals {
    private let size: UInt64
    private let uses: Int
    private let checks: [ApprovalCheck]
    private let faults: [String]
    private let open: [String]

    init(in log: AuditLog) throws {
        let keys = try log.keys()
        var request = VerifyRequest(keys: keys, verifier: OpenSSLVerifier())
        request.trust = log.given.policy
        request.guardFile = log.guardFile
        let report = try log.verify(request)
        var checks: [ApprovalCheck] = []
        // Requests cannot be proved in a log that does not verify.
        if report.isGood {
            for (id, found) in try ApprovalRecords.all(in: log) {
                var check = ApprovalCheck(id, found)
                check.run()
                checks.append(check)
            }
        }
        size = report.size
        uses = report.approvalUses
        faults =
            report.faults + checks.flatMap { one in one.faults.map { "\(one.id.shown): \($0)" } }
        open =
            report.unchecked + checks.flatMap { one in one.open.map { "\(one.id.shown): \($0)" } }
        self.checks = checks
    }

    func show(_ invocation: Invocation) -> Exit {
        let signed = checks.reduce(0) { $0 + $1.signed }
        if invocation.isJSON {
            Output.json([
                "good": .bool(faults.isEmpty), "entries": .count(size),
                "requests": .count(checks.count), "uses": .count(uses),
                "signatures": .count(signed), "faults": .strings(faults),
                "not_checked": .strings(open),
            ])
        } else {
            for fault in faults { Output.error("fault: \(TerminalEscaping.shown(fault))") }
            Output.line(
                "\(faults.isEmpty ? "ok" : "BAD"): \(checks.count) requests in \(size) entries, "
                    + "\(uses) uses, \(signed) signatures verified")
            for left in open { Output.error("not checked: \(TerminalEscaping.shown(left))") }
        }
        return faults.isEmpty ? .ok : .no
    }
}
