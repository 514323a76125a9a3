import InterlockTesting
import Testing

@testable import InterlockEgress

struct DNSReaderTests {
    /// Makes answers of a resolver, right and wrong.
    struct Answer {
        var id: UInt16 = 0x1234
        var flags: UInt16 = 0x8180
        var question = "a.example"
        var type: UInt16 = 1
        var records: [[UInt8]] = []

        static func name(_ text: String) -> [UInt8] {
            text.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
        }

        static func two(_ value: Int) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 255)] }

        mutating func add(_ owner: [UInt8], _ type: Int, _ content: [UInt8]) {
            records.append(
                owner + Self.two(type) + [0, 1, 0, 0, 0, 60] + Self.two(content.count) + content)
        }

        mutating func add(_ owner: String, _ address: [UInt8]) {
            add(Self.name(owner), address.count == 4 ? 1 : 28, address)
        }

        mutating func add(_ owner: String, alias: String) {
            add(Self.name(owner), 5, Self.name(alias))
        }

        var bytes: [UInt8] {
            Self.two(Int(id)) + Self.two(Int(flags)) + [0, 1] + Self.two(records.count)
                + [0, 0, 0, 0] + Self.name(question) + Self.two(Int(type)) + [0, 1]
                + records.flatMap { $0 }
        }
    }

    private func read(_ bytes: [UInt8], type: DNSQueryType = .a) throws -> DNSAnswer {
        let host = try EgressHost("a.example")
        let query = try #require(DNSQuery(id: 0x1234, host: host, type: type))
        return try DNSReader.read(bytes, answering: query)
    }

    private func texts(_ answer: DNSAnswer) -> [String] { answer.addresses.map { "\($0)" } }

    @Test func `a question has the name and the type`() throws {
        let host = try EgressHost("a.example")
        let query = try #require(DNSQuery(id: 0x1234, host: host, type: .aaaa))
        #expect(
            query.message == [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 97, 7]
                + Array("example".utf8) + [0, 0, 28, 0, 1])
        #expect(DNSQuery(id: 1, host: try EgressHost("1.2.3.4"), type: .a) == nil)
    }

    @Test func `addresses are read, also behind aliases and pointers`() throws {
        var answer = Answer()
        answer.add("a.example", [1, 1, 1, 1])
        answer.add([0xc0, 12], 1, [8, 8, 8, 8])
        answer.add("b.example", [9, 9, 9, 9])
        answer.add(Answer.name("a.example"), 16, [1, 97])
        #expect(texts(try read(answer.bytes)) == ["1.1.1.1", "8.8.8.8"])
        var chain = Answer()
        chain.add("c.example", [1, 2, 3, 4])
        chain.add("A.example", alias: "b_1.example")
        chain.add("b_1.example", alias: "c.example")
        let found = try read(chain.bytes)
        #expect(texts(found) == ["1.2.3.4"] && found.aliases == 2)
        var six = Answer()
        six.type = 28
        six.add("a.example", [UInt8](repeating: 0, count: 15) + [1])
        six.add("a.example", [1, 1, 1, 1])
        #expect(texts(try read(six.bytes, type: .aaaa)) == ["::1"])
        #expect(try read(Answer().bytes).addresses.isEmpty)
    }

    @Test func `eight aliases are followed and nine are not`() throws {
        for count in [8, 9] {
            var answer = Answer()
            for number in 0..<count {
                let owner = number == 0 ? "a.example" : "n\(number).example"
                answer.add(owner, alias: "n\(number + 1).example")
            }
            answer.add("n\(count).example", [1, 1, 1, 1])
            if count == 8 {
                #expect(try read(answer.bytes).aliases == 8)
            } else {
                #expect(throws: EgressRefusal(.dnsFailure, "")) { try read(answer.bytes) }
            }
        }
    }

    @Test func `an answer to another question is refused`() {
        func refused(_ edit: (inout Answer) -> Void) {
            var answer = Answer()
            answer.add("a.example", [1, 1, 1, 1])
            edit(&answer)
            #expect(throws: EgressRefusal(.dnsFailure, "")) { try read(answer.bytes) }
        }
        refused { $0.id = 0x1235 }
        refused { $0.flags = 0x0180 }
        refused { $0.flags = 0x8980 }
        refused { $0.flags = 0x8183 }
        refused { $0.flags = 0x8182 }
        refused { $0.question = "b.example" }
        refused { $0.type = 28 }
        refused { $0.add("a.example", alias: "b.example") }
        refused { $0.add(Answer.name("a.example"), 1, [1, 1, 1]) }
        refused { $0.add([0xc0, 0xff], 1, [1, 1, 1, 1]) }
        refused { $0.add([1, 0, 0], 1, [1, 1, 1, 1]) }
        refused { $0.add([3, 97, 46, 98, 0], 1, [1, 1, 1, 1]) }
        refused { $0.add(Answer.name("c.example"), 5, Answer.name("d.example") + [0]) }
        refused { answer in
            for _ in 0..<300 { answer.add("b.example", [1, 1, 1, 1]) }
        }
    }

    @Test func `loops end`() throws {
        var loop = Answer()
        loop.add("a.example", alias: "b.example")
        loop.add("b.example", alias: "a.example")
        #expect(throws: EgressRefusal(.dnsFailure, "")) { try read(loop.bytes) }
        var pointer = Answer()
        let place = pointer.bytes.count
        pointer.add([0xc0, UInt8(place)], 1, [1, 1, 1, 1])
        #expect(throws: EgressRefusal(.dnsFailure, "")) { try read(pointer.bytes) }
    }

    @Test func `an incomplete answer has no addresses`() throws {
        var answer = Answer()
        answer.flags = 0x8380
        answer.add("a.example", [1, 1, 1, 1])
        let found = try read(answer.bytes)
        #expect(found.isTruncated && found.addresses.isEmpty)
        answer.flags = 0x8180
        for count in 0..<answer.bytes.count {
            #expect(throws: EgressRefusal.self) { try read(Array(answer.bytes[..<count])) }
        }
    }

    @Test func `edited answers stay within the limits`() {
        var chance = SeededGenerator.announced()
        var answer = Answer()
        answer.add("a.example", alias: "b.example")
        answer.add([0xc0, 12], 1, [8, 8, 8, 8])
        answer.add("b.example", [1, 1, 1, 1])
        for _ in 0..<4_000 {
            var bytes = answer.bytes
            for _ in 0..<Int.random(in: 1...4, using: &chance) {
                bytes[Int.random(in: 0..<bytes.count, using: &chance)] =
                    UInt8.random(in: 0...255, using: &chance)
            }
            guard let found = try? read(bytes) else { continue }
            #expect(found.aliases <= 8 && found.addresses.allSatisfy(\.isIPv4))
        }
    }
}
