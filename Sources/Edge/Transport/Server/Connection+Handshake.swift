extension Connection {
    /// After each read until the handshake is over: then its place is given back, and what the client has
    /// proven holds for all requests of the connection.
    func noteHandshake() {
        guard stream.isOpen else { return }
        isInHandshake = false
        registry.leaveHandshake()
        parser.clientKey = stream.clientKey
        setDeadline(limits.idle)
    }
}
