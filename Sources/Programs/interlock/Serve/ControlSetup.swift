import InterlockAdministration
import InterlockChangeGate
import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockEvidence
import InterlockGovernor
import InterlockModel
import InterlockPolicy
import InterlockPorts

/// The control log at the start of a node: verified as a whole before anything that it decides is read.
struct ControlSetup {
    let entries: any ControlLog
    /// The canaries of the log, before anything is searched.
    let planted: PlantedValueRegistry
    private let path: String

    /// - Throws: 65 if the log, or a canary of it, is not as it was written, 74 if it cannot be read.
    init(
        _ entries: any ControlLog, _ deployment: Deployment, _ keys: NodeKeys
    ) async throws(Failure) {
        self.entries = entries
        path = deployment.store
        do throws(ControlLogFailure) {
            _ = try await ControlLogVerification.verify(entries, hashing: OpenSSLHashing())
            planted = try await PlantedValueRegistry(from: entries, digest: keys.plantedDigest)
        } catch { throw Self.failure(error, deployment.store) }
    }

    /// Reads the results of evals. Must be called before the gateway is made, and after the people were read, whose keys
    /// may be among the signers.
    func changeGate(
        under policy: PolicySnapshot, _ people: AuthorizedKeysHolder
    ) async throws(Failure) -> ChangeGateRegistry {
        do throws(ControlLogFailure) {
            return try await ChangeGateRegistry(
                from: entries, under: policy, trust: { people.trust }, clock: SystemClock(),
                hashing: OpenSSLHashing(), verifier: OpenSSLVerifier())
        } catch { throw failure(error) }
    }

    /// Writes the halts of the control log back whose files are missing. Must be called before the halts are loaded.
    func restoreHalts(to folder: HaltFolder) async throws(Failure) {
        let halts = try await orders([.halt]).map { (id: $0.id, order: $0.order) }
        let missing: [OrderID]
        do throws(KeyFailure) { missing = try folder.putBack(halts) } catch {
            throw Failure(.io, "cannot write back a halt of the control log: \(error.reason)")
        }
        for id in missing {
            log(
                "the halt \(id.text) had no file; its order is written back", .warning, part: "kill"
            )
        }
    }

    /// Returns the times of the releases on record, before which credentials of what they released are invalid.
    func cutoffs() async throws(Failure) -> ReleaseCutoffs {
        var cutoffs = ReleaseCutoffs()
        var targets: [OrderID: HaltTarget] = [:]
        for (_, order, at) in try await orders([.halt, .release]) {
            if let halt = try? HaltOrder(order) {
                targets[halt.id] = halt.target
            } else if let release = try? ReleaseOrder(order) {
                cutoffs.add(release.halts.compactMap { targets[$0] }, at: at)
            }
        }
        return cutoffs
    }

    /// Returns the orders of these kinds, oldest first, with the times of their entries.
    private func orders(
        _ kinds: Set<ControlKind>
    ) async throws(Failure) -> [(id: OrderID, order: Envelope, at: Timestamp)] {
        do throws(StoreFailure) {
            return try await entries.newest(of: kinds).map { entry throws(StoreFailure) in
                guard let id = OrderID(entry.subject), let order = entry.order else {
                    throw StoreFailure(reason: "entry \(entry.number) is not an order")
                }
                return (id, order, entry.at)
            }
        } catch { throw failure(.unreadable(error.reason)) }
    }

    /// Makes the writer of the entries of halts and releases. It appends those of orders that are on disk and not in the
    /// log: of an older version, of files that arrived while the node was down, or because the store was down.
    func orders(_ halts: HaltSetup.Loaded) -> OrderEntryWriter {
        let writer = OrderEntryWriter(entries) { reason in
            log("a halt is not in the control log yet: \(reason)", .warning, part: "kill")
        }
        for one in halts.folder.acceptedOrders({ halts.book.has($0) }) {
            writer.add(one.order.payloadType == .halt ? .halt : .release, one.id, one.order)
        }
        return writer
    }

    /// Checks that the control log has granted what the store has as granted.
    func check(_ elevations: ElevationService) async throws(Failure) {
        do throws(ControlLogFailure) {
            try await ControlLogVerification.check(
                granted: elevations.open.filter { $0.state == .granted }.map(\.id), in: entries)
        } catch { throw failure(error) }
    }

    func check(delegations: [OrderID]) async throws(Failure) {
        do throws(ControlLogFailure) {
            try await ControlLogVerification.check(delegated: delegations, in: entries)
        } catch { throw failure(error) }
    }

    func failure(_ reason: ControlLogFailure) -> Failure { Self.failure(reason, path) }

    private static func failure(_ reason: ControlLogFailure, _ path: String) -> Failure {
        if case .unreadable = reason { return Failure(.io, "`\(path)`: \(reason)") }
        return Failure(
            .data, "`\(path)`: \(reason)",
            help:
                "nothing is served; keep the file as evidence and restore the store from a backup"
        )
    }
}
