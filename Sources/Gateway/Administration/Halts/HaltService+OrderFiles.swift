import InterlockGovernor
package import InterlockModel
package import InterlockPorts
import Synchronization

/// Orders that come without the gateway being asked (specs of the kill switch, section 7).
extension HaltService {
    /// Looks once at the places where orders lie as files. Blocks on the disk.
    package func look() -> [FoundOrderFile] {
        store.look { digest in state.withLock { $0.book.has(digest) } }
    }

    /// Acts on what a look has found. What cannot be an order stops the node; an order that is good is
    /// taken; one that is refused is told of and moved aside, so that it stops no later start.
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

    /// A halt of this node by itself, unless one with the same reason stands.
    ///
    /// - Parameters:
    ///   - source: as `kill.requested` has it: `file`, `signal`.
    ///   - file: what it is about, moved aside once the halt stands.
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
            // It stands in no set, so it can only be said: loudly, and again at the next look.
            gateway.log(LogLine("cannot halt by itself: \(error)", .error, part: "kill"))
            gateway.raise(alarm: "kill.fault", subject: "own halt")
        }
    }

    /// A detector stops an agent or a run, on the evidence that its part asks for.
    ///
    /// - Throws: `notForNodes` for any other target.
    package func stop(
        _ target: HaltTarget, byDetector reason: String
    ) async throws(OrderRefusal) -> HaltReport {
        switch target {
        case .agent, .run: break
        case .org, .owner, .server, .tool: throw .notForNodes
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

    /// So many halts by detectors in so short a time are the work of a detector that errs, or of an
    /// attack: people are woken, and the halts stand.
    private static let manyDetected = 5
    private static let detectorWindow = Duration.seconds(600)

    private func take(_ file: String, _ envelope: Envelope) async {
        do throws(OrderRefusal) {
            switch envelope.payloadType {
            case .halt:
                _ = try await halt(envelope, source: "offline")
            case .release:
                _ = try await settle(.ready(envelope), .now(gateway.clock.wall))
            default: throw .otherKind
            }
        } catch {
            switch error {
            case .form, .badSignature, .badAssertion, .otherKind:
                // It could be a halt that was damaged on its way.
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
