import InterlockLedger
import InterlockModel
import InterlockPorts

/// The request to one witness to cosign one checkpoint of this node's log (C2SP tlog-witness, the log's side).
struct WitnessQuestion: Sendable {
    let witness: TrustPolicy.Witness
    let url: String
    let note: [UInt8]
    let text: String
    let size: UInt64
    let caller: any WitnessCaller
    let verifier: any SignatureVerifier
    let clock: any Clock

    /// The longest time for one request. All tries together end by the question's deadline.
    static let patience = Duration.seconds(2)
    private static let tries = 3

    /// Asks, and asks again from the size that a 409 names.
    ///
    /// - Parameters:
    ///   - known: the size that the witness is believed to remember.
    ///   - proof: returns the proof that the checkpoint extends an older size, or nil if it cannot be made here.
    ///   - newest: returns the size of the newest checkpoint that a witness may have seen.
    func ask(
        from known: UInt64, until deadline: BootTime, proof: (UInt64) -> [Digest]?,
        newest: () -> UInt64
    ) async -> WitnessOutcome {
        var old = known
        for _ in 0..<Self.tries {
            guard old <= size else { return .ahead(old) }
            guard let proof = proof(old) else { return .unproven(from: old) }
            let left = deadline - clock.boot
            guard left > .zero else { return .silent("no time is left") }
            let reply = await caller.post(
                AddCheckpoint.body(oldSize: old, proof: proof, note: note), to: url,
                within: min(left, Self.patience))
            let outcome = judge(reply, from: old)
            guard case .conflict(let remembered) = outcome else { return outcome }
            if remembered > newest() {
                return .forked("it remembers size \(remembered), which this log never had")
            }
            guard remembered != old else {
                return old == size
                    ? .forked(Self.otherRoot(at: size))
                    : .unfit("409 with the size that it was asked from")
            }
            old = remembered
        }
        return .silent("it remembers another size at each try")
    }

    /// - Parameter old: the size that the request named as the remembered one.
    private func judge(_ reply: WitnessResponse, from old: UInt64) -> WitnessOutcome {
        switch reply {
        case .failed(let reason): .silent(reason)
        case .answer(200, _, let body): cosignature(in: body)
        case .answer(409, let type, let body):
            if let remembered = Self.size(in: body) {
                .conflict(remembered)
            } else if old == size, size > 0, type != WitnessRefusal.sizeType {
                // C2SP tlog-witness requires a size of the answer about a wrong old size alone: without one, it is the
                // answer about a wrong root.
                .forked(Self.otherRoot(at: size))
            } else {
                .unfit("409 without a size")
            }
        case .answer(422, _, _): .forked("it says that this log does not extend what it remembers")
        case .answer(429, _, _): .silent("it is asked too often")
        case .answer(500..., _, _): .silent("it cannot answer now")
        // Includes a witness that does not know this log or its key, and any status that no witness sends.
        case .answer(let status, _, _): .refused(status: status)
        }
    }

    private static func otherRoot(at size: UInt64) -> String {
        "it remembers another root of the first \(size) records"
    }

    /// Ignores the lines of other keys.
    private func cosignature(in body: [UInt8]) -> WitnessOutcome {
        guard let answer = try? SignedNote(parsing: Array((text + "\n").utf8) + body) else {
            return .unfit("the answer is no signature line")
        }
        for line in answer.signatures {
            do throws(NoteError) {
                if let found = try Cosignature(line, under: text, by: witness.key, verifier) {
                    return .cosigned(found)
                }
            } catch { return .unfit("the cosignature is not its own") }
        }
        return .unfit("the answer holds no cosignature of its key")
    }

    /// Parses a decimal number and a newline; returns nil for anything else.
    static func size(in body: [UInt8]) -> UInt64? {
        guard body.count <= 21, let text = String(validating: body, as: UTF8.self),
            let size = UInt64(text.dropLast()), text == "\(size)\n"
        else { return nil }
        return size
    }
}

/// The outcome of asking a witness.
enum WitnessOutcome: Equatable, Sendable {
    case cosigned(Cosignature)
    /// It already remembers a newer checkpoint of this log; nothing is wrong.
    case ahead(UInt64)
    /// The size that a 409 names, before it is evaluated.
    case conflict(UInt64)
    /// No proof can be made from the size that it remembers.
    case unproven(from: UInt64)
    /// It did not answer in time, or asked to be asked later.
    case silent(String)
    /// It does not accept this log's checkpoints.
    case refused(status: Int)
    /// Its response proves nothing.
    case unfit(String)
    /// It remembers another history of this log.
    case forked(String)
}
