import InterlockJSON

/// A nonce that this node has consumed, with the attempt under which a vote may come with it.
struct ConsumedNonce {
    let spent: SpentNonce
    let attempt: ExactText
}
