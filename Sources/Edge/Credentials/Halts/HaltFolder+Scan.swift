import CLinux
import Glibc
package import InterlockModel
package import InterlockPorts
import Synchronization

/// The state of the folder of orders after the scans so far.
struct OrderFileSnapshot {
    /// A fingerprint of a file's metadata that changes with its content, or with a folder's list of names.
    struct Stamp: Hashable {
        let device: UInt64
        let node: UInt64
        let size: Int64
        let seconds: Int
        let nanoseconds: Int
    }

    var folder: Stamp?
    var files: [String: Stamp] = [:]
    /// Files that could not be parsed as orders and may still be being written.
    var unread: [String: (stamp: Stamp, since: BootTime)] = [:]
}

/// The scan for orders that arrive as files, and for the administrator's file (docs/specs/kill-switch.md, section 7).
extension HaltFolder {
    /// The time after which an unchanged file that cannot be parsed as an order counts as cut short.
    static let writingTime = Duration.milliseconds(1500)
    /// The granularity in seconds of file times. A folder that changed more recently is read again.
    private static let tick = 2

    package func look(isKnown: (Digest) -> Bool) -> [FoundOrderFile] {
        var found: [FoundOrderFile] = []
        if let rootFile {
            do {
                if try stamp(of: rootFile) != nil {
                    found.append(
                        .fault(HaltFault(reason: "the file `\(rootFile)` is there", file: nil)))
                }
            } catch {
                found.append(
                    .fault(HaltFault(reason: "`\(rootFile)` cannot be looked for", file: nil)))
            }
        }
        do {
            try GuardedFile.checkFolder(orders)
            try seen.withLock { seen throws(KeyFailure) in
                found += try lookAtOrders(&seen, isKnown)
            }
        } catch {
            found.append(
                .fault(HaltFault(reason: "the folder of orders cannot be used", file: orders)))
        }
        return found
    }

    private func lookAtOrders(
        _ seen: inout OrderFileSnapshot, _ isKnown: (Digest) -> Bool
    ) throws(KeyFailure) -> [FoundOrderFile] {
        let folder = try stamp(of: orders)
        let isSettled = clock.wall.seconds - Int64(folder?.seconds ?? 0) > Self.tick
        if folder == seen.folder, isSettled, seen.unread.isEmpty { return [] }
        var found: [FoundOrderFile] = []
        let names = try GuardedFile.names(in: orders)
        for name in names where !name.hasSuffix(".part") {
            let path = "\(orders)/\(name)"
            guard let stamp = try stamp(of: path), seen.files[name] != stamp else { continue }
            do {
                let bytes = try GuardedFile.read(
                    path, limit: HaltFolder.largestOrder, rules: .trusted)
                let envelope = try Envelope(parsing: bytes)
                seen.files[name] = stamp
                seen.unread[name] = nil
                if !isKnown(hashing.sha256(envelope.payload)) {
                    found.append(.order(file: path, envelope))
                }
            } catch {
                let now = clock.boot
                if let unread = seen.unread[name], unread.stamp == stamp {
                    guard now - unread.since >= Self.writingTime else { continue }
                    seen.unread[name] = nil
                    seen.files[name] = stamp
                    found.append(
                        .fault(HaltFault(reason: "an order file cannot be read", file: path)))
                } else {
                    seen.unread[name] = (stamp, now)
                }
            }
        }
        let present = Set(names)
        seen.unread = seen.unread.filter { present.contains($0.key) }
        seen.files = seen.files.filter { present.contains($0.key) }
        seen.folder = folder
        return found
    }

    /// Returns nil if the path does not exist.
    private func stamp(of path: String) throws(KeyFailure) -> OrderFileSnapshot.Stamp? {
        var status = Glibc.stat()
        guard unsafe lstat(path, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw KeyFailure(.io, "`\(path)` cannot be read")
        }
        return OrderFileSnapshot.Stamp(
            device: UInt64(status.st_dev), node: UInt64(status.st_ino), size: Int64(status.st_size),
            seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec)
    }

    /// Writes a signed order where a gateway finds it, running or at its next start. Durable on return. No link is
    /// followed, and a file that root creates belongs to the folder's owner, so that the gateway can read it.
    ///
    /// - Parameter path: `state/kill`, absolute and without links.
    package static func put(_ order: Envelope, id: OrderID, in path: String) throws(KeyFailure) {
        try LinklessFolder(path + "/orders").replace("\(id.text).json", order.bytes, mode: 0o600)
    }

    /// The bytes of the trust file, for commands of people. No link is followed, and a pipe is refused.
    ///
    /// - Parameter path: as in `put`.
    package static func trustBytes(in path: String) throws(KeyFailure) -> [UInt8] {
        try LinklessFolder(path).read("trust.json", limit: TrustLimits.bytes)
    }
}
