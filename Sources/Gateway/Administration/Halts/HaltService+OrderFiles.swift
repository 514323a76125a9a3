import InterlockGovernor
package import InterlockModel
package import InterlockPorts
import Synchronization

/// Orders that arrive as files, without a request to the gateway (docs/specs/kill-switch.md, section 7).
extension HaltService {
    /// Scans the folders for order files once. Blocks on the disk.
    package func look() -> [FoundOrderFile] {
        store.look { digest in
            state.withLock { $0.book.has(digest) || $0.storing == digest }
        }
    }

    /// Acts on the files that a scan has found. A file that cannot be an order stops the node; a valid order is
    /// executed; a refused order is logged and moved aside, so that it does not affect a later start.
    package func act(on found: [FoundOrderFile]) async {
        await withTaskGroup { group in
            for sign in found {
                group.addTask {
                    switch sign {
                    case .fault(let fault):
                        await self.stopHere(fault.reason, source: "file", fault.file)
                    case .order(let file, let envelope): await self.take(file, envelope)
                    }
                }
            }
        }
    }

    /// Halts this node, unless a halt with the same reason is in force.
    ///
    /// - Parameters:
    ///   - source: the source in `kill.requested`: `file`, `signal`.
    ///   - file: the file that caused the halt; moved aside once the halt is in force.
    package func stopHere(_ reason: String, source: String, _ file: String? = nil) async {
        let reason = fittingReason(reason)
        let isNews = state.withLock { state in
            !state.book.set.active.values.contains { $0.local && $0.reason == reason }
                && state.coming.insert(reason).inserted
        }
        guard isNews else { return }
        defer { state.withLock { _ = $0.coming.remove(reason) } }
        gateway.raise(alarm: "kill.fault", subject: file ?? reason)
        do {
            _ = try await halt(try store.ownHalt(reason, .org), source: source)
            if let file { await setAside(file) }
        } catch {
            // The halt is in no set, so it can only be reported, and is tried again at the next scan.
            gateway.ports.log(LogLine("cannot halt by itself: \(error)", .error, part: "kill"))
            gateway.raise(alarm: "kill.fault", subject: "own halt")
        }
    }

    /// Stops an agent or a run for a detector.
    ///
    /// - Throws: `notForNodes` for any other target.
    package func stop(
        _ target: HaltTarget, byDetector reason: String
    ) async throws(OrderRefusal) -> HaltReport {
        switch target {
        case .agent, .run: break
        case .org, .owner, .server, .tool, .drill: throw .notForNodes
        }
        let order: Envelope
        do throws(StoreFailure) { order = try store.ownHalt(fittingReason(reason), target) } catch {
            throw .notRecorded(error.reason)
        }
        let report = try await halt(order, source: "detector")
        let now = gateway.clock.boot
        let isMany = state.withLock { state in
            state.detected = state.detected.filter { now - $0 < Self.detectorWindow } + [now]
            return state.detected.count >= Self.manyDetected
        }
        if isMany { gateway.raise(alarm: "kill.detectors", subject: report.order.id.text) }
        return report
    }

    /// This many halts by detectors within `detectorWindow` point to a faulty detector or an attack: an alert is
    /// raised, and the halts stay in force.
    private static let manyDetected = 5
    private static let detectorWindow = Duration.seconds(600)

    private func take(_ file: String, _ envelope: Envelope) async {
        do throws(OrderRefusal) {
            switch envelope.payloadType {
            case .halt: _ = try await halt(envelope, source: "offline")
            case .release: _ = try await settle(.ready(envelope), .now(gateway.clock.wall))
            default: throw .otherKind
            }
        } catch {
            switch error {
            case .form, .badSignature, .badAssertion, .otherKind:
                // The file may be a halt that was damaged in transit.
                await stopHere("an order is not valid: \(error)", source: "file", file)
            default:
                if envelope.payloadType != .halt { _ = await refused(envelope, error) }
                await setAside(file)
            }
        }
    }

    private func setAside(_ file: String) async {
        await threads.run { [store] in store.setAside(file) }
    }
}
