/// Bounds of the messages of nodes to each other.
package enum PeerLimits {
    /// The size of a message, in bytes.
    package static let messageBytes = 320 << 10
    /// The size of an answer, in bytes: a page of entries is the largest.
    package static let responseBytes = 8 << 20
    /// The halts in one message, and the bytes of their envelopes above which no further one is added.
    package static let haltsOfMessage = 16
    package static let haltBytesOfMessage = 32 << 10
    /// The halts that wait for a peer. Only one that the chain has gives way to another.
    package static let halts = 1024
    /// The entries of one answer, and the bytes of their bodies above which no further one is added.
    package static let entries = 1024
    package static let entryBytes = 4 << 20
    /// The largest body of a use that a witness is asked about, in bytes.
    package static let useBody = 64 << 10
    /// The questions to one peer, as a witness, that wait for their answers.
    package static let witnessQuestions = 16
    /// The requests of agents that are passed on to one peer, or came from it, and are not over; and the bytes of those
    /// that are sent to it.
    package static let forwards = 1024
    package static let forwardBytes = 64 << 20
    /// The size of a response that is not a stream, or of one event of a stream, in bytes.
    package static let forwardedResponseBytes = 32 << 20
    /// The messages of one peer in a second.
    package static let messagesPerSecond = 256
}
