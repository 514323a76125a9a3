import InterlockJSON
import InterlockMCP
import Testing

@Suite struct `What a client carries for a parked call` {
    static let state = ResumeState(
        principal: ["clerk", "run", ""], method: "tools/call", name: "desk__look", arguments: "a",
        server: "desk", pin: "p", expires: 1_795_168_800_000, nonce: "n", call: "c")

    @Test func `it reads as it was written`() {
        #expect(ResumeState(Self.state.bytes) == Self.state)
    }

    @Test func `every other text is none`() throws {
        let bytes = Self.state.bytes
        for place in bytes.indices {
            #expect(ResumeState(Array(bytes.prefix(place))) == nil)
        }
        #expect(ResumeState(bytes + [UInt8(ascii: " ")]) == nil)
        var object = try #require(try JSONValue(parsing: bytes, limits: .agent).object)
        object["more"] = 1
        #expect(ResumeState(try object.canonical()) == nil)
        object["more"] = nil
        object["kind"] = "approval"
        #expect(ResumeState(try object.canonical()) == nil)
    }
}
