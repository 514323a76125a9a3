/// Buffers shared by all connections of a loop, so that an idle connection owns none.
struct LoopScratch {
    static let inputBytes = 64 * 1024
    /// The maximum reads of one connection before the others of its loop have their turn.
    static let readsInATurn = 4
    var input = [UInt8](repeating: 0, count: inputBytes)
    var output: [UInt8] = []
    var date = HTTPDate()

    /// Takes the buffer from the loop while it is in use, so that no second use can access it.
    static func take(from loop: EventLoop) -> [UInt8] {
        var buffer: [UInt8] = []
        swap(&buffer, &loop.scratch.input)
        return buffer.isEmpty ? [UInt8](repeating: 0, count: inputBytes) : buffer
    }
    static func giveBack(_ buffer: inout [UInt8], to loop: EventLoop) {
        swap(&buffer, &loop.scratch.input)
    }
    static func takeOutput(from loop: EventLoop) -> [UInt8] {
        var buffer: [UInt8] = []
        swap(&buffer, &loop.scratch.output)
        return buffer
    }
    static func giveBackOutput(_ buffer: inout [UInt8], to loop: EventLoop) {
        buffer.removeAll(keepingCapacity: true)
        swap(&buffer, &loop.scratch.output)
    }
}
