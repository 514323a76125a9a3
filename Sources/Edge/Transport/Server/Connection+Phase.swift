extension Connection {
    /// The phase of a connection.
    enum Phase {
        /// Waits for a head or a body. -> handling, lingering, closed
        case reading
        /// A handler has the request. -> reading, lingering, closed
        case handling
        /// The last response is being written. -> lingering, closed
        case closing
        /// Our side is shut down; bytes from the client are discarded. -> closed
        case lingering
        case closed
    }
}
