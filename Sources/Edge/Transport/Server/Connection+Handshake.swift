extension Connection {
    /// Called after each read until the handshake is complete. Then it releases the handshake's place and applies the
    /// client's proved key to all requests of the connection.
    func noteHandshake() {
        guard stream.isOpen else { return }
        isInHandshake = false
        registry.leaveHandshake()
        parser.clientKey = stream.clientKey
        setDeadline(limits.idle)
    }
}
