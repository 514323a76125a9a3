import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockSignerCommands

@Suite(.requirement("R097")) struct SignerConnectionsTests {
    private func at(_ milliseconds: Int64) -> BootTime {
        BootTime(microseconds: milliseconds * 1000)
    }

    @Test func `a connection that sends nothing has a second, and one that sends has five`() throws
    {
        var connections = SignerConnections()
        #expect(connections.add(3, at: at(0)) == nil)
        var one = try #require(connections.open.first)
        #expect(!one.isLate(at: at(999)))
        #expect(one.isLate(at: at(1000)))
        one.receive([], at: at(900))
        #expect(one.isLate(at: at(1000)))
        one.receive([0, 0], at: at(900))
        #expect(!one.isLate(at: at(4999)))
        #expect(one.isLate(at: at(5000)))
        #expect(one.received == [0, 0])
    }

    @Test func `the one that was idle for the longest time gives way to a new one`() throws {
        var connections = SignerConnections()
        let count = Int32(SignerConnections.maximumCount)
        for socket in 0..<count {
            #expect(connections.add(socket, at: at(Int64(socket))) == nil)
        }
        // The oldest has sent something since.
        var open = connections.open
        open[0].receive([1], at: at(500))
        connections.keep(open)
        #expect(connections.add(100, at: at(600))?.socket == 1)
        #expect(connections.add(101, at: at(601))?.socket == 2)
        #expect(connections.open.count == Int(count))
        #expect(connections.open.map(\.socket).contains(0))
        #expect(connections.open.last?.socket == 101)
    }

    @Test func `a new one is never the one that gives way`() {
        var connections = SignerConnections()
        for socket in 0..<Int32(SignerConnections.maximumCount) {
            _ = connections.add(socket, at: at(7))
        }
        #expect(connections.add(100, at: at(7))?.socket == 0)
    }
}
