import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockEgress

struct AddressClassTests {
    static func address(_ text: String) throws -> IPAddress {
        try #require(
            text.contains(":") ? IPAddress(ipv6: text.utf8) : IPAddress(dottedQuad: text.utf8))
    }

    static let special: [(String, AddressClass)] = [
        ("0.0.0.0", .unspecified), ("0.255.255.255", .unspecified), ("10.0.0.0", .private),
        ("10.255.255.255", .private), ("100.64.0.0", .shared), ("100.127.255.255", .shared),
        ("100.100.100.200", .metadata), ("127.0.0.1", .loopback), ("127.255.255.255", .loopback),
        ("168.63.129.16", .metadata), ("169.254.169.254", .linkLocal), ("169.254.0.0", .linkLocal),
        ("172.16.0.0", .private), ("172.31.255.255", .private), ("192.0.0.0", .protocolAssignments),
        ("192.0.0.255", .protocolAssignments), ("192.0.2.1", .documentation),
        ("192.88.99.1", .sixToFour), ("192.168.255.255", .private), ("198.18.0.0", .benchmarking),
        ("198.19.255.255", .benchmarking), ("198.51.100.1", .documentation),
        ("203.0.113.1", .documentation), ("224.0.0.1", .multicast), ("239.255.255.255", .multicast),
        ("240.0.0.0", .reserved), ("255.255.255.255", .reserved),
        ("::", .unspecified), ("::1", .loopback), ("::ffff:8.8.8.8", .mapped),
        ("::8.8.8.8", .mapped), ("64:ff9b::8.8.8.8", .translated), ("64:ff9b:1::1", .translated),
        ("100::1", .reserved), ("2001::1", .teredo), ("2001:2::1", .benchmarking),
        ("2001:1::1", .protocolAssignments), ("2001:1ff::", .protocolAssignments),
        ("2001:db8::1", .documentation), ("2002:808:808::1", .sixToFour),
        ("3fff::1", .documentation), ("5f00::1", .reserved), ("fc00::1", .uniqueLocal),
        ("fdff::1", .uniqueLocal), ("fd00:ec2::254", .metadata), ("fe80::1", .linkLocal),
        ("febf::1", .linkLocal), ("fec0::1", .reserved), ("ff02::1", .multicast),
        ("4000::1", .reserved), ("64:ff9b:2::1", .reserved),
    ]

    @Test(.requirement("R077"), arguments: special)
    func `a special address has its class`(_ text: String, _ kind: AddressClass) throws {
        #expect(AddressClass(of: try Self.address(text)) == kind)
    }

    @Test(arguments: [
        "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
        "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0",
        "192.0.1.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0",
        "223.255.255.255", "168.63.129.15", "2001:200::1", "2606:4700::1111", "2a00::1", "3ffe::1",
    ])
    func `its neighbours are public`(_ text: String) throws {
        #expect(AddressClass(of: try Self.address(text)) == nil)
    }

    /// The gateway's own clients decide by another table: neither may admit what the other refuses, except the
    /// metadata addresses that are public by their number.
    @Test func `both tables of the product agree`() throws {
        var chance = SeededGenerator.announced()
        let starts: [[UInt8]] = [
            [], [0x20, 0x01], [0x20, 0x02], [0xfd, 0, 0x0e, 0xc2], [0xfe, 0x80], [0x3f, 0xff],
            [0x00, 0x64, 0xff, 0x9b], [UInt8](repeating: 0, count: 10), [192], [198], [100], [169],
        ]
        for _ in 0..<8_000 {
            let count = Bool.random(using: &chance) ? 4 : 16
            var bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &chance) }
            let start = (starts.randomElement(using: &chance) ?? []).prefix(count)
            bytes.replaceSubrange(0..<start.count, with: start)
            let address = try #require(IPAddress(bytes: bytes))
            let kind = AddressClass(of: address)
            if kind == .metadata { continue }
            #expect((kind == nil) == InternetAddress.isPublic(bytes), "\(address)")
        }
    }

    @Test func `a rule for private addresses admits four classes`() {
        let admitted = AddressClass.allCases.filter(\.isAdmittedByPrivateRule)
        #expect(admitted == [.loopback, .private, .shared, .uniqueLocal])
    }
}

struct CheckedAddressesTests {
    private func check(
        _ answers: [String], private allowsPrivate: Bool = false, aliases: Int = 0
    ) throws -> [String] {
        let all = try answers.map(AddressClassTests.address)
        return try CheckedAddresses(all, aliases: aliases, allowsPrivate: allowsPrivate)
            .addresses.map { "\($0)" }
    }

    @Test func `public answers are tried with IPv4 first`() throws {
        #expect(
            try check(["2606:4700::1", "1.1.1.1", "8.8.8.8", "1.1.1.1"])
                == ["1.1.1.1", "8.8.8.8", "2606:4700::1"])
        #expect(try check(["2606:4700::1"]) == ["2606:4700::1"])
    }

    @Test(
        .requirement("R077"),
        arguments: [
            ["1.1.1.1", "10.0.0.1"], ["10.0.0.1"], ["1.1.1.1", "::1"], ["127.0.0.1"],
            ["::ffff:1.1.1.1"],
            ["169.254.169.254"], ["1.1.1.1", "2606:4700::1", "fd00::1"], ["64:ff9b::1.1.1.1"],
            ["0.0.0.0"], ["100.64.0.1"], ["168.63.129.16", "1.1.1.1"],
        ])
    func `one private answer refuses all`(_ answers: [String]) {
        #expect(throws: EgressRefusal(.privateAddress, "")) { try check(answers) }
    }

    @Test func `a rule can admit private answers`() throws {
        #expect(try check(["127.0.0.1"], private: true) == ["127.0.0.1"])
        #expect(try check(["10.0.0.1", "1.1.1.1"], private: true) == ["10.0.0.1", "1.1.1.1"])
        #expect(try check(["fd00::1"], private: true) == ["fd00::1"])
        #expect(try check(["fd00::1", "10.0.0.1"], private: true) == ["10.0.0.1"])
    }

    @Test(arguments: [
        "169.254.169.254", "fd00:ec2::254", "168.63.129.16", "0.0.0.0", "224.0.0.1",
        "::ffff:127.0.0.1", "fe80::1", "100.100.100.200", "64:ff9b::a00:1", "2002:a00:1::",
    ])
    func `no rule admits the other classes`(_ answer: String) {
        #expect(throws: EgressRefusal(.privateAddress, "")) {
            try check(["127.0.0.1", answer], private: true)
        }
    }

    @Test func `answers and aliases have limits`() throws {
        #expect(throws: EgressRefusal(.dnsFailure, "")) { try check([]) }
        #expect(throws: EgressRefusal(.dnsFailure, "")) { try check(["1.1.1.1"], aliases: 9) }
        #expect(try check(["1.1.1.1"], aliases: 8) == ["1.1.1.1"])
        #expect(throws: EgressRefusal(.dnsFailure, "")) {
            try check([String](repeating: "1.1.1.1", count: 65))
        }
    }
}
