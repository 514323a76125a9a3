import Glibc
import InterlockPolicy
import InterlockTesting
import Testing

@testable import InterlockPolicyCEL

@Suite struct FunctionsNetworkTests {
    @Test(
        arguments: [
            "", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.256", "1.2.3.-4", "1.2.3. 4", "0x1.2.3.4",
            "1.2.3.4 ", "１.2.3.4", ":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
            "1:2:3:4:5:6:7::8", "1::2::3", "12345::", "g::", "::1%eth0", "[::1]", ":1:2:3:4:5:6:7",
            "1:2:3:4:5:6:7:", "1:2:3:4:5:6:7:1.2.3.4", "::1.2.3", "::1.2.3.4:5",
            "::ffff:192.168.0.1", "0:0:0:0:0:FFFF:1.2.3.4", "1.2.3.4::", "::+1",
        ])
    func `what is no address is none`(text: String) {
        #expect(outcome("isIP(x)", x: .string(text)) == "false")
        #expect(outcome("ip(x)", x: .string(text)) == "!conversion")
        #expect(outcome("cidr('10.0.0.0/8').containsIP(x)", x: .string(text)) == "!conversion")
    }

    @Test(
        arguments: [
            ("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"),
            ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("::1.2.3.4", "::102:304"),
            ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"), ("::ffff:c0a8:1", "192.168.0.1"),
            ("0::0", "::"), ("::ffff:0:0:0", "::ffff:0:0:0"),
        ])
    func `an address has one spelling`(text: String, canonical: String) {
        #expect(outcome("string(ip(x))", x: .string(text)) == "\"\(canonical)\"")
        #expect(outcome("ip.isCanonical(x)", x: .string(text)) == "\(text == canonical)")
        #expect(outcome("ip.isCanonical(x)", x: .string(canonical)) == "true")
    }

    @Test func `addresses are written and read as the C library does`() {
        var generator = SeededGenerator.announced()
        for _ in 0..<500 {
            // About half of the groups are zero.
            let bytes = (0..<8).flatMap { place in
                let group = UInt16.random(in: 1...UInt16.max, using: &generator)
                return place == 0 || Bool.random(using: &generator)
                    ? [UInt8(group >> 8), UInt8(group & 0xff)] : [0, 0]
            }
            let text = CELAddress(bytes: bytes).text
            #expect(text == printed(bytes))
            #expect(outcome("string(ip(x))", x: .string(text)) == "\"\(text)\"")
        }
    }

    @Test(
        arguments: [
            "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/08", "10.0.0.0/-1", "10.0.0.0/+8",
            "10.0.0.0/8/8", "::/129", "::ffff:a00:0/104", "/8", "::%1/8", "10.0.0.0/٨",
        ])
    func `what is no network is none`(text: String) {
        #expect(outcome("isCIDR(x)", x: .string(text)) == "false")
        #expect(outcome("cidr(x)", x: .string(text)) == "!conversion")
    }

    @Test(
        arguments: [
            ("cidr('10.1.2.3/8').masked() == cidr('10.0.0.0/8')", "true"),
            ("cidr('10.1.2.3/8') == cidr('10.0.0.0/8')", "false"),
            ("cidr('0.0.0.0/0').containsIP('255.255.255.255')", "true"),
            ("cidr('::/0').containsIP('255.255.255.255')", "false"),
            ("cidr('10.0.0.1/31').containsIP('10.0.0.0')", "true"),
            ("cidr('10.0.0.1/31').containsIP('10.0.0.2')", "false"),
            ("cidr('2001:db8::/33').containsIP('2001:db8:8000::')", "false"),
            ("cidr('10.0.0.0/8').containsCIDR('10.0.0.0/7')", "false"),
            ("cidr('10.0.0.0/8').containsCIDR('::/0')", "false"),
            ("cidr('10.0.0.0/8').containsIP(dyn(1))", "!no_such_overload"),
            ("cidr('10.0.0.0/8').ip().family()", "4"), ("ip('::1').masked()", "refused"),
            ("ip('127.255.255.255').isLoopback()", "true"),
            ("ip('239.1.1.1').isGlobalUnicast()", "false"),
            ("ip('10.0.0.1').isGlobalUnicast()", "true"),
            ("ip('febf::1').isLinkLocalUnicast()", "true"),
            ("ip('fec0::1').isLinkLocalUnicast()", "false"),
            ("ip('ff12::1').isLinkLocalMulticast()", "true"),
            ("ip(ip('::1'))", "refused"),
        ])
    func `networks hold addresses of their family`(text: String, expected: String) {
        #expect(outcome(text) == expected)
    }

    private func printed(_ bytes: [UInt8]) -> String {
        var output = [CChar](repeating: 0, count: 64)
        unsafe inet_ntop(AF_INET6, bytes, &output, socklen_t(output.count))
        return String(
            decoding: output.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
