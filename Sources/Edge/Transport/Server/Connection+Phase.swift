extension Connection {
    /// Where a connection is between its requests and its end.
    enum Phase {
        /// A head or a body is awaited. -> handling, lingering, closed
        case reading
        /// A handler has the request. -> reading, lingering, closed
        case handling
        /// The last answer is being written. -> lingering, closed
        case closing
        /// Our side is shut; what the client still sends is thrown away. -> closed
        case lingering
        case closed
    }
}
