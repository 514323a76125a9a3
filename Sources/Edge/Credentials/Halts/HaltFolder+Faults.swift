import Glibc
package import InterlockModel
package import InterlockPorts

/// Halts that the node issues on its own if it cannot know whether a halt was in force.
extension HaltFolder {
    /// Issues one halt of this node for each reason that no earlier halt of the node covers. If the trust file is
    /// usable and every halt is durable, it then moves the damaged files aside, so that the next start does not find
    /// them again.
    func stopForFaults(_ loaded: inout LoadedHalts) {
        guard !loaded.faults.isEmpty else { return }
        do { try makeFolders() } catch { loaded.durable = false }
        for fault in loaded.faults {
            let status = loaded.book.set.active.values.contains {
                $0.local && $0.reason == fault.reason
            }
            if status { continue }
            do {
                let (halt, id) = try ownOrder(fault.reason)
                _ = try loaded.book.apply(halt, at: clock.wall, hashing: hashing)
                try write(order: halt.envelope, id: id)
            } catch { loaded.durable = false }
        }
        if loaded.trust != nil, loaded.durable {
            for fault in loaded.faults { setAside(fault) }
            do {
                try loaded.book.settle(at: clock.wall, hashing: hashing)
                try write(loaded.book.epoch)
            } catch { loaded.durable = false }
        }
    }

    package func ownHalt(_ reason: String, _ target: HaltTarget) throws(StoreFailure) -> Envelope {
        do { return try ownOrder(reason, target).0.envelope } catch {
            throw StoreFailure(reason: "the node cannot sign a halt: \(error)")
        }
    }

    private func ownOrder(
        _ reason: String, _ target: HaltTarget = .org
    ) throws -> (AcceptedHalt, OrderID) {
        let now = clock.wall
        let id = OrderID(milliseconds: now.milliseconds, random: entropy.bytes(10))
        let author = Base64.encode(Array(hashing.sha256(key.publicKey.bytes).bytes.prefix(16)))
        let order = try HaltOrder(
            id: id, org: org, target: target, reason: fittingReason(reason),
            author: Pseudonym(text: author), at: now, local: target == .org)
        let envelope = sign(.halt, try order.canonical())
        let halt = try SignedOrderVerifier.ownHalt(
            envelope, org: org, key: key.publicKey, verifier: verifier)
        return (halt, id)
    }

    private func setAside(_ fault: HaltFault) {
        if let file = fault.file { setAside(file) }
    }

    package func setAside(_ file: String) {
        guard file.hasPrefix(orders + "/") || file == epochPath else { return }
        let name = file.split(separator: "/").last.map(String.init) ?? "file"
        _ = unsafe rename(file, "\(path)/set-aside/\(clock.wall.microseconds)-\(name)")
    }
}
