import InterlockCredentials
import InterlockLedger
import InterlockModel
import InterlockSigning

extension Invariants {
    /// Whatever a signer is asked, a request is written as it was read, and the tree that is signed never shrinks and has
    /// one root for each size. Answers and files of frames are read whole or not at all.
    package static func signer(_ bytes: [UInt8]) {
        request(bytes)
        if let response = SignerResponse(parsing: bytes) {
            precondition(response.bytes == bytes, "a response is read back")
        }
        if let frame = UnsignedFrame(parsing: bytes) {
            precondition(frame.frame.checkpoint.isEmpty, "a frame is not signed yet")
            precondition(frame.signed([], room: 1 << 30) != nil, "a frame has room")
        }
        _ = SignedTree(
            slot: TreeSlot(bytes), keys: [], verifier: OpenSSLVerifier(),
            hashing: OpenSSLHashing())
    }

    private static func request(_ bytes: [UInt8]) {
        guard let request = try? SignerRequest(parsing: bytes) else { return }
        precondition(request.bytes == bytes, "a request is read back")
        let hashes = TreeHash(OpenSSLHashing())
        var range = CompactRange()
        for place in UInt8(0)..<3 {
            let leaf: [UInt8] = [place]
            range.append(hashes.leaf(leaf), hashes)
        }
        let before = SignedTree(origin: "acme.example/gw1/2026", range: range, hashes)
        var after = before
        let now = Timestamp(microseconds: 1_795_169_731_500_000)
        guard let action = try? after.decide(request, at: now, hashes) else {
            precondition(after == before, "a refusal changes nothing")
            return
        }
        precondition(after.size >= before.size, "a tree does not shrink")
        precondition(
            after.size > before.size || after.head == before.head, "one size has one root")
        if case .checkpoint(let text, let isNew) = action {
            precondition(text == after.head.text, "what is signed is the tree that is kept")
            precondition(isNew == (after != before), "a new tree is stored")
        }
    }
}
