package import InterlockLedger

/// The past and present logs of one node, listed from their folders. Signatures are not checked here.
package enum EpochFolder {
    /// - Parameters:
    ///   - epochs: the folder of the ended logs.
    ///   - current: the folder of the log that is being written.
    /// - Returns: each folder with its checkpoint, oldest first; folders without a readable checkpoint are omitted.
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
