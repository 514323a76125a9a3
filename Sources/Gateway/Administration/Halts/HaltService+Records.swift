import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts

extension HaltService {
    func note(_ accepted: AcceptedHalt, epoch: Epoch, source: String) {
        let order = accepted.order
        var run: RunContext?
        if case .run(let id) = order.target { run = gateway.runs.all.first { $0.run == id } }
        var fields: JSONObject = [
            "scope": .string(order.target.scope), "target": .string(order.target.target),
            "kep": .integer(epoch.number), "by": .string(order.author.text),
            "src": .string(source),
            "code": order.local ? "node" : source == "detector" ? "detector" : "operator",
            "req": .string(order.id.text),
        ]
        // A halt waits for no entry. One that came here first has none yet; `control.entry` follows it.
        fields.name(cluster?.entry(of: accepted.envelope))
        gateway.ledger.note(
            gateway.records.record(
                .killRequested, run: run, fields: fields, sealing: [("why", accepted.evidence)]))
        if accepted.expiredKey {
            raise("kill.expired_key", order.id.text, isDrill: order.target == .drill)
        }
    }

    /// Raises an alert about an order. That about the order of a drill is on record alone.
    private func raise(_ code: String, _ subject: String, isDrill: Bool) {
        if isDrill {
            gateway.note(alarm: code, subject: subject)
        } else {
            gateway.raise(alarm: code, subject: subject)
        }
    }

    func note(_ report: HaltReport) {
        gateway.ledger.note(
            RecordDraft(
                .killEffective, run: nil,
                fields: [
                    "req": .string(report.order.id.text), "kep": .integer(report.epoch),
                    "points": .integer(
                        Int64(report.points.count { $0.state != .notPresent } - report.missed)),
                    "missed": .integer(Int64(report.missed)), "cut": .integer(Int64(report.cut)),
                    "left": .integer(Int64(report.points.reduce(0) { $0 + $1.left })),
                    "dur": .integer(report.duration.microseconds),
                ]))
    }

    func note(refused: OrderRefusal, isDrill: Bool = false) {
        raise("kill.refused", refused.code, isDrill: isDrill)
        gateway.ledger.note(
            RecordDraft(.killRefused, run: nil, fields: ["code": .string("kill." + refused.code)]))
    }

    /// A release is durable before it acts.
    ///
    /// - Parameter entry: that of the release; nil on one node.
    func record(
        _ accepted: AcceptedRelease, at entry: ChainReference?
    ) async throws(OrderRefusal) {
        var fields: JSONObject = [
            "req": .string(accepted.order.id.text),
            "kep": .integer(entry?.number ?? epoch + 1),
            "by": .array(accepted.signers.map { .string($0.text) }),
        ]
        fields.name(entry)
        let record = gateway.records.record(
            .killReleased, run: nil, fields: fields, sealing: [("why", accepted.evidence)])
        do throws(LedgerRefusal) {
            _ = try await gateway.ledger.append(record)
        } catch { throw .notRecorded(error.code) }
    }
}

/// The passkey signatures under halts and releases.
extension HaltService {
    /// Stores the passkey's counter in the background. The halt does not wait for it and stays in force if it fails.
    func countLater(_ judged: VerifiedSignature?) {
        guard let judged, judged.passkey != nil else { return }
        Task {
            do throws(OrderRefusal) { try await passkeys.count([judged]) } catch {
                gateway.raise(alarm: "passkey.not_counted", subject: judged.signer.text)
            }
        }
    }

    /// Notes that an order was refused, and suspends its passkey if that may have been copied.
    ///
    /// - Returns: the refusal to report.
    func refused(_ order: Envelope, _ refusal: OrderRefusal) async -> OrderRefusal {
        let refusal = await passkeys.suspendCopy(refusal, under: order)
        note(refused: refusal, isDrill: judge.verifier(of: order).isDrill)
        return refusal
    }
}
