package import InterlockLedger

/// The logs of one node, past and present, as their folders tell. Signatures are not checked here.
package enum EpochFolder {
    /// - Parameters:
    ///   - epochs: the folder of the logs that ended.
    ///   - current: the folder of the log that is written.
    /// - Returns: each folder with its checkpoint, oldest first; folders without one are left out.
    package static func list(
        _ epochs: String, current: String
    ) throws(LedgerFailure) -> [(folder: String, head: Checkpoint)] {
        do throws(SystemError) {
            let ended = Folder.exists(epochs) ? try Folder.names(epochs) : []
            var found: [(folder: String, head: Checkpoint)] = []
            for folder in ended.map({ "\(epochs)/\($0)" }) + [current] {
                let note = try Folder.contents(
                    folder + "/log/checkpoint", limit: SignedNote.maximumBytes)
                if let note, let head = try? Checkpoint(unverified: note) {
                    found.append((folder, head))
                }
            }
            return found
        } catch {
            throw LedgerFailure(error)
        }
    }
}
