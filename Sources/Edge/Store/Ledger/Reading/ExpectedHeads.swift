import InterlockLedger
import InterlockModel

/// Signed heads that a log must pass through: its own checkpoint, the guard, and old checkpoints kept elsewhere.
struct ExpectedHeads {
    private let request: VerifyRequest
    /// The heads still to be reached, largest first.
    private var waiting: [Expected] = []

    private struct Expected {
        let head: Checkpoint
        let name: String
        let isOld: Bool
    }

    init(_ request: VerifyRequest) { self.request = request }

    /// Reads the published checkpoint: it must be signed by the log and, if a quorum is requested, cosigned by that
    /// quorum.
    func readPublished(_ bytes: [UInt8], _ report: inout VerifyReport) {
        let note: SignedNote
        do throws(NoteError) {
            note = try SignedNote(parsing: bytes)
            _ = try head(bytes)
        } catch {
            return report.fault("the checkpoint does not verify: \(error)")
        }
        guard let trust = request.trust else { return }
        do throws(NoteError) {
            report.cosignatures = try trust.cosignatures(on: note, request.verifier).count
            guard try trust.isSatisfied(by: note, request.verifier) else {
                return report.fault("no quorum of the witnesses cosigned the checkpoint")
            }
            report.hasQuorum = trust.quorum != nil
        } catch {
            report.fault("the checkpoint does not verify: \(error)")
        }
    }

    mutating func readOld(
        _ old: (name: String, note: [UInt8]), origin: String, _ report: inout VerifyReport
    ) {
        guard let head = try? head(old.note), head.origin == origin else {
            return report.fault("\(old.name) is not signed by the log's key")
        }
        do throws(NoteError) {
            // No quorum is required of an old checkpoint, but no signature of a known key may be invalid.
            _ = try request.trust?.cosignatures(
                on: try SignedNote(parsing: old.note), request.verifier)
        } catch {
            return report.fault("\(old.name): \(error)")
        }
        add(Expected(head: head, name: old.name, isOld: true))
    }

    /// - Parameter bytes: the guard, or nil if the file is missing.
    mutating func readGuard(_ bytes: [UInt8]?, _ path: String, _ report: inout VerifyReport) {
        guard let bytes else { return report.fault("the guard `\(path)` is gone") }
        guard let head = try? head(bytes) else {
            return report.fault("the guard is not signed by the log's key")
        }
        add(Expected(head: head, name: "the guard", isOld: false))
    }

    /// Compares the log at its present size with the expected heads of that size.
    mutating func compare(_ range: CompactRange, _ tree: TreeHash, _ report: inout VerifyReport) {
        while let next = waiting.last, next.head.size == range.size {
            waiting.removeLast()
            if next.head.root != range.root(tree) {
                report.fault("the log does not extend \(next.name) (size \(next.head.size))")
            } else if next.isOld {
                report.extended.append(.init(name: next.name, size: next.head.size))
            }
        }
    }

    /// - Parameter size: the final size of the log.
    mutating func finish(size: UInt64, _ report: inout VerifyReport) {
        for rest in waiting.reversed() {
            report.fault("the log ends at \(size), but \(rest.name) has size \(rest.head.size)")
        }
        waiting = []
    }

    private func head(_ bytes: [UInt8]) throws(NoteError) -> Checkpoint {
        try Checkpoint(signed: bytes, keys: request.allKeys, verifier: request.verifier)
    }

    private mutating func add(_ head: Expected) {
        let place = waiting.firstIndex { $0.head.size < head.head.size } ?? waiting.endIndex
        waiting.insert(head, at: place)
    }
}
