import InterlockGovernor
package import InterlockModel
import InterlockPorts
import Synchronization

/// One drill, from the first call of its canaries to the last (docs/specs/kill-switch.md, section 10).
///
/// INVARIANT: a drill passes only if the switch held; each fault fails it, and its report is believed for its facts
/// alone. Kept by `DrillTests`, `DrillStatusTests`, `test_drill.py`.
package struct DrillRun: Sendable {
    let subject: DrillSubject
    let variant: DrillVariant
    let canaries: [any DrillCanary]
    let receipts: Receipts
    /// Creates the administrator's halt file of the sub-organisation; used by the variant `rootFile` only.
    let stopByFile: @Sendable () throws -> Void

    /// The pause between two calls of a canary.
    private static let pause = Duration.milliseconds(50)
    /// The longest wait for servers to be reached, for canaries to run again, and for calls to end.
    private let patience: Duration
    /// The time after the acknowledgement in which a server may still receive calls that were sent before the order, and
    /// a caller may read the answer to one.
    fileprivate static let onItsWay = Duration.milliseconds(250)
    /// The time for which canaries keep calling after the acknowledgement.
    private static let watch = Duration.milliseconds(600)

    package init(
        subject: DrillSubject, variant: DrillVariant, canaries: [any DrillCanary],
        receipts: Receipts, patience: Duration = .seconds(20),
        stopByFile: @escaping @Sendable () throws -> Void = {}
    ) {
        self.patience = patience
        self.subject = subject
        self.variant = variant
        self.canaries = canaries
        self.receipts = receipts
        self.stopByFile = stopByFile
    }

    /// The observations of a drill; `report` makes the report from them.
    package struct Observations: Sendable {
        var points: [DrillPoint] = []
        var secondHaltChanged = false
        var oneSignatureReleased = false
        var releaseMilliseconds: Int64 = 0
        var faults: [String] = []
        package var intents: Int64 = 0
        package var outcomes: Int64 = 0
    }

    /// The class of the gateway, followed by the classes that have a canary.
    package var classes: [String] {
        var classes = ["gateway"]
        for canary in canaries where !classes.contains(canary.pointClass) {
            classes.append(canary.pointClass)
        }
        return classes
    }

    private var now: BootTime { subject.gateway.clock.boot }

    package func run() async -> Observations {
        let callers = canaries.map { CanaryCaller($0) }
        return await withTaskGroup(of: Void.self) { group in
            for caller in callers {
                group.addTask { await caller.callUntilCancelled(Self.pause, subject.gateway.clock) }
            }
            let observed = await drill(callers)
            group.cancelAll()
            await group.waitForAll()
            return await settled(observed)
        }
    }

    private func drill(_ callers: [CanaryCaller]) async -> Observations {
        var observed = Observations()
        await wait { canaryClasses.allSatisfy { receipts.count(of: $0) >= 3 } }
        if variant == .storeStopped { subject.stopStore?(true) }
        let ordered = now
        guard let (report, envelope) = await order(&observed) else { return observed }
        let answered = now
        if variant == .clockStep { subject.step?(.seconds(3600)) }
        await orderAgain(report, envelope, &observed)
        try? await Task.sleep(for: Self.watch)
        if variant == .clockStep { subject.step?(.seconds(-7200)) }
        try? await Task.sleep(for: variant == .clockStep ? Self.watch : .zero)
        if variant == .clockStep { subject.step?(.seconds(3600)) }
        let releasing = now
        await release(report, &observed)
        for caller in callers { caller.canary.beginRun() }
        let released = now
        await wait { canaryClasses.allSatisfy { receipts.count(of: $0, after: released) >= 1 } }
        for caller in callers {
            // Unexpected responses count only if no call arrived at all: a server that was still starting is not a
            // fault.
            guard let answer = caller.strange, receipts.count(of: caller.canary.pointClass) == 0
            else { continue }
            observed.faults.append("\(caller.canary.pointClass): answered \(answer)")
            if observed.faults.count >= 8 { break }
        }
        observed.points = points(
            report, callers, Span(ordered: ordered, answered: answered, releasing: releasing),
            released)
        return observed
    }

    fileprivate struct Span {
        let ordered: BootTime
        let answered: BootTime
        let releasing: BootTime
    }

    private var canaryClasses: [String] { Array(classes.dropFirst()) }

    private func wait(_ isSo: () -> Bool) async {
        let deadline = now + patience
        while !isSo(), now < deadline { try? await Task.sleep(for: .milliseconds(10)) }
    }

    /// - Returns: nil if no halt resulted; `observed` then names the fault.
    private func order(_ observed: inout Observations) async -> (HaltReport, Envelope?)? {
        do {
            if variant == .rootFile {
                try stopByFile()
                await subject.kill.act(on: subject.kill.look())
                guard let report = subject.kill.reports.all.first else {
                    observed.faults.append("the file stopped nothing")
                    return nil
                }
                return (report, nil)
            }
            let envelope = try subject.signedHalt()
            let report = try await subject.kill.halt(envelope, source: "drill")
            return (report, envelope)
        } catch {
            observed.faults.append("the order was refused: \(error)")
            return nil
        }
    }

    private func orderAgain(
        _ report: HaltReport, _ envelope: Envelope?, _ observed: inout Observations
    ) async {
        let before = subject.halts
        if let envelope {
            _ = try? await subject.kill.halt(envelope, source: "drill")
        } else {
            await subject.kill.act(on: subject.kill.look())
        }
        observed.secondHaltChanged = before != subject.halts
    }

    private func release(_ report: HaltReport, _ observed: inout Observations) async {
        let started = now
        // A release by the owner of the expired key is never accepted.
        let pair = variant == .expiredKey ? [1, 2] : [0, 1]
        do {
            let (id, bytes) = try subject.release(of: [report.order.id])
            func signed(_ place: Int) throws -> Envelope {
                try subject.people[place].sign(.release, bytes)
            }
            if variant == .expiredKey, (try? await subject.kill.propose(signed(0))) != nil {
                observed.faults.append("a release by an expired key was taken")
            }
            let first = try signed(pair[0])
            _ = try await subject.kill.propose(first)
            _ = try? await subject.kill.confirm(id, first)
            observed.oneSignatureReleased = subject.halts.isEmpty
            let second = try signed(pair[1])
            if variant == .storeStopped {
                _ = try? await subject.kill.confirm(id, second)
                if subject.halts.isEmpty {
                    observed.faults.append("a release took effect that the store did not take")
                }
                subject.stopStore?(false)
            }
            _ = try await subject.kill.confirm(id, second)
            if !subject.halts.isEmpty {
                observed.faults.append("two people's release left a halt in force")
            }
        } catch { observed.faults.append("the release was refused: \(error)") }
        observed.releaseMilliseconds = (now - started).microseconds / 1000
    }

    /// Waits for calls in flight to end; each must then have its outcome in the log.
    private func settled(_ observed: Observations) async -> Observations {
        var observed = observed
        let deadline = now + patience
        do throws(StoreFailure) {
            var records = try await subject.log.records()
            while records.intents != records.outcomes, now < deadline {
                try? await Task.sleep(for: .milliseconds(100))
                records = try await subject.log.records()
            }
            observed.intents = records.intents
            observed.outcomes = records.outcomes
            if variant == .expiredKey, !records.alarms.contains("kill.expired_key") {
                observed.faults.append("no alert said that the key had expired")
            }
        } catch { observed.faults.append("the log cannot be read: \(error.reason)") }
        return observed
    }

    private func points(
        _ report: HaltReport, _ callers: [CanaryCaller], _ span: Span, _ released: BootTime
    ) -> [DrillPoint] {
        let acknowledged = (span.answered - span.ordered).microseconds / 1000
        let own = report.points.first { $0.state != .notPresent }
        let sandboxes = report.points.filter(\.isSandbox)
        let canaries = canaryClasses.map { name in
            let mine = callers.filter { $0.canary.pointClass == name }
            let all = receipts.all(of: name)
            let late = all.filter { receipt in
                guard span.answered < receipt.at, receipt.at < span.releasing else { return false }
                let begun = mine.compactMap { $0.begun(receipt.number) }.first
                return receipt.at - span.answered > Self.onItsWay
                    || begun.map { $0 >= span.ordered } ?? true
            }
            // A sandboxed run is a point of its own, which its supervisor confirms.
            let isConfirmed =
                name == CanaryNames.sandboxClass
                ? !sandboxes.isEmpty && sandboxes.allSatisfy { $0.state == .confirmed }
                : own?.state == .confirmed
            let confirmed = sandboxes.map(\.duration).max().map { $0.microseconds / 1000 }
            let last = all.map(\.at).filter { $0 > span.ordered && $0 < span.releasing }.max()
            return DrillPoint(
                pointClass: name,
                acknowledgedMilliseconds: name == CanaryNames.sandboxClass
                    ? confirmed ?? acknowledged : acknowledged,
                lastMilliseconds: last.map { max(0, ($0 - span.ordered).microseconds / 1000) } ?? 0,
                callsBefore: Int64(all.count { $0.at <= span.ordered }),
                callsAfter: Int64(late.count),
                answersAfter: Int64(mine.reduce(0) { $0 + $1.answers(after: span) }),
                cancelled: 0, unknown: 0, isConfirmed: isConfirmed && late.isEmpty,
                ranAgain: all.contains { $0.at > released })
        }
        let gateway = DrillPoint(
            pointClass: "gateway", acknowledgedMilliseconds: acknowledged,
            lastMilliseconds: canaries.map(\.lastMilliseconds).max() ?? 0,
            callsBefore: canaries.reduce(0) { $0 + $1.callsBefore },
            callsAfter: canaries.reduce(0) { $0 + $1.callsAfter },
            answersAfter: canaries.reduce(0) { $0 + $1.answersAfter },
            cancelled: Int64(own?.cancelled ?? 0), unknown: Int64(own?.unknown ?? 0),
            isConfirmed: own?.state == .confirmed,
            ranAgain: !canaries.isEmpty && canaries.allSatisfy(\.ranAgain))
        return [gateway] + canaries
    }
}

/// Makes the calls of one canary and stores when each began, when it ended and whether it was counted.
private final class CanaryCaller: Sendable {
    let canary: any DrillCanary
    private struct Call {
        let begun: BootTime
        var ended: BootTime?
        var isCounted = false
    }
    private let last = Mutex<String?>(nil)
    private let calls = Mutex<[Int64: Call]>([:])
    private static let numbers = Atomic<Int64>(1)

    init(_ canary: any DrillCanary) { self.canary = canary }

    /// The last response that was neither counted nor halted; nil after a call was counted.
    var strange: String? { last.withLock { $0 } }

    func begun(_ number: Int64) -> BootTime? { calls.withLock { $0[number]?.begun } }

    /// Returns the number of calls that the server, not a refusal, answered after the order was. An answer to a call
    /// from before the order may have been on its way: a busy machine lets its caller read it late.
    func answers(after span: DrillRun.Span) -> Int {
        calls.withLock { calls in
            calls.values.count { call in
                guard call.isCounted, let ended = call.ended, ended > span.answered,
                    ended < span.releasing
                else { return false }
                return ended - span.answered > DrillRun.onItsWay || call.begun >= span.ordered
            }
        }
    }

    func callUntilCancelled(_ pause: Duration, _ clock: any Clock) async {
        while !Task.isCancelled {
            let number = Self.numbers.wrappingAdd(1, ordering: .relaxed).newValue
            calls.withLock { $0[number] = Call(begun: clock.boot) }
            let answer = await canary.call(number)
            let now = clock.boot
            calls.withLock {
                $0[number]?.ended = now
                $0[number]?.isCounted = answer == .counted
            }
            last.withLock { last in
                switch answer {
                case .counted: last = nil
                case .other(let text): last = String(text.prefix(120))
                case .halted: break
                }
            }
            try? await Task.sleep(for: pause)
        }
    }
}

extension DrillRun.Observations {
    package func report(
        id: OrderID, variant: DrillVariant, org: String, node: String, started: Timestamp,
        ended: Timestamp, version: String, policy: Digest, classes: [String], runBy: String,
        origin: String, root: Digest, subject: DrillReport.Subject
    ) -> DrillReport {
        DrillReport(
            id: id, variant: variant, org: org, node: node, started: started, ended: ended,
            version: version, policy: policy, classes: classes, points: points,
            intents: intents, outcomes: outcomes, secondHaltChanged: secondHaltChanged,
            oneSignatureReleased: oneSignatureReleased, releaseMilliseconds: releaseMilliseconds,
            faults: faults, runBy: runBy, origin: origin, root: root, subject: subject)
    }
}
