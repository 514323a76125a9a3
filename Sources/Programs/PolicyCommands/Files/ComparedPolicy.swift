import Glibc
import InterlockCommandLine
import InterlockModel
import InterlockPolicy

/// One side of a comparison: a path, or `git:REV`.
struct ComparedPolicy {
    let policy: PolicySnapshot
    let path: String
    let criteria: CriteriaFile
    private let scratch: String?

    var isFromGit: Bool { scratch != nil }

    init(_ invocation: Invocation, _ name: String, at now: Timestamp) throws(Failure) {
        var scratch: String?
        var path = name
        if name.hasPrefix("git:") {
            let checkout = try GitRevision(String(name.dropFirst(4)))
                .extract(PolicyInput.path(invocation, named: nil))
            scratch = checkout.folder
            path = checkout.policy
        }
        do throws(Failure) {
            let lock = try PolicyInput.lock(invocation, beside: path)
            policy = try LoadedPolicy.load(path, lock: lock, at: now).snapshot
            criteria = try CriteriaFile(beside: path)
        } catch {
            if let scratch { Scratch.remove(scratch) }
            throw error
        }
        self.path = path
        self.scratch = scratch
    }

    func removeScratch() { if let scratch { Scratch.remove(scratch) } }
}
