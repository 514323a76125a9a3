extension HookCodec {
    /// Returns the output with which an adapter that ends before it has an answer refuses an event that exit 2 does not
    /// stop: for instance the end of a tool, whose result the model would read. The host acts on it with exit 0.
    ///
    /// - Parameter limitBytes: the room for the output. If a copy of the result in its shape is larger, a text takes
    ///   its place.
    /// - Returns: nil if exit 2 refuses the event, or nothing fits.
    package func unansweredOutput(to event: HookEvent, limitBytes: Int) -> [UInt8]? {
        let line = HookLine(
            reason: "hook-failed",
            text: "the hook adapter was stopped by a signal or by its time limit")
        let shaped = refusal(line, of: event)
        guard shaped.exit == .allow else { return nil }
        if shaped.output.count <= limitBytes { return shaped.output }
        let plain = refusal(line, eventNamed: event.hostName)
        return plain.exit == .allow && plain.output.count <= limitBytes ? plain.output : nil
    }
}
