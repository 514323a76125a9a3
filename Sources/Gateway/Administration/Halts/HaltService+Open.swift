import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import Synchronization

/// A report of a halt that has left calls or child processes running.
struct OpenReport: Sendable {
    var report: HaltReport
    let children: EndingChildren
    let sandboxes: EndingSandboxes
    let since: BootTime
    var told: BootTime
}

/// Reports stay open until nothing is left (docs/specs/kill-switch.md, section 9).
extension HaltService {
    /// The interval between two alerts about the same halt.
    static let reminder = Duration.seconds(10)

    func keepOpen(
        _ report: HaltReport, _ children: EndingChildren, _ sandboxes: EndingSandboxes,
        since: ClockReading
    ) {
        let now = gateway.clock.boot
        state.withLock {
            $0.open[report.order.id] = OpenReport(
                report: report, children: children, sandboxes: sandboxes, since: since.boot,
                told: now)
        }
        gateway.raise(alarm: "kill.left", subject: report.order.id.text)
    }

    /// Closes reports, detects violations and settles due releases. Called every second.
    package func sweep() async {
        await closeReports()
        lookForViolations()
        await settleDrafts()
    }

    private func closeReports() async {
        let now = gateway.clock.boot
        let open = state.withLock { $0.open }
        for (id, one) in open {
            if one.sandboxes.left > 0 { await observe(one.sandboxes) }
            let left = stillInFlight(one.report.cutCalls)
            guard left.isEmpty, one.children.left == 0, one.sandboxes.left == 0 else {
                guard now - one.told >= Self.reminder else { continue }
                state.withLock { $0.open[id]?.told = now }
                gateway.raise(alarm: "kill.left", subject: id.text)
                continue
            }
            var report = reports[id] ?? one.report
            report.left = []
            report.duration = now - one.since
            let denied = report.points.first?.denied ?? 0
            report.points =
                [ownPoint(report, one.children, denied: denied)] + one.sandboxes.points
                + HaltReport.absent
            state.withLock { _ = $0.open.removeValue(forKey: id) }
            reports.put(report)
            note(report)
        }
    }

    /// A call in flight that a halt matches but no halt has cut was sent after the point had confirmed, so the kill
    /// switch does not hold.
    private func lookForViolations() {
        let halts = gateway.halts.halts
        guard !halts.isEmpty else { return }
        for entry in gateway.inFlight.all where entry.cancel.cause == nil {
            guard
                let halt = halts.match(
                    agent: entry.principal.agent, owner: entry.owner,
                    server: entry.address.server, tool: entry.address, run: entry.principal.run),
                // A call that has just been entered checks the halts itself.
                gateway.clock.boot - entry.since.boot >= .seconds(1), entry.cancel.cancel(.halt)
            else { continue }
            gateway.raise(alarm: "kill.violation", subject: entry.call.text)
            gateway.ledger.note(
                RecordDraft(
                    .killViolation, run: nil,
                    fields: [
                        "req": .string(halt.id.text), "call": .string(entry.call.text),
                        "point": .string("gateway/\(node)"),
                    ]))
            guard var report = reports[halt.id] else { continue }
            report.violations.append(entry.call)
            reports.put(report)
        }
    }

    /// Settles releases that are due: in an organisation of one person, a release takes effect by itself after its
    /// delay.
    private func settleDrafts() async {
        let now = gateway.clock.wall
        let judge = judge
        let ready = state.withLock { state in
            state.drafts = state.drafts.filter { now < $0.value.ends }
            return state.drafts.values.map {
                $0.progress(judge: judge.verifier(of: $0.order.org), now: now)
            }
        }
        for case .ready(let envelope) in ready {
            do throws(OrderRefusal) { _ = try await settle(.ready(envelope), .again(now)) } catch {
                note(refused: error)
            }
        }
    }
}
