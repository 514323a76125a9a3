import InterlockTesting
import Testing

@testable import InterlockEgress

struct EgressRulesTests {
    private func rules(_ rules: EgressRule...) throws -> EgressRules { try EgressRules(rules) }

    private func target(_ text: String) throws -> EgressTarget {
        try EgressTarget(authority: text.utf8)
    }

    /// Returns the deciding rule, or the reason of the refusal.
    private func decide(
        _ rules: EgressRules, _ text: String, _ access: EgressAccess = .tunnel
    ) throws -> String {
        do throws(EgressRefusal) {
            return try rules.decide(EgressTarget(authority: text.utf8), access).text
        } catch {
            return error.reason.rawValue
        }
    }

    @Test(
        .requirement("R077"),
        arguments: [
            ("api.example.com:443", "tls api.example.com:443"),
            ("API.example.com.:443", "tls api.example.com:443"),
            ("api.example.com:80", "port"), ("api.example.com:8443", "port"),
            ("xapi.example.com:443", "no-rule"), ("api.example.com.evil.test:443", "no-rule"),
            ("api.example.co:443", "no-rule"), ("example.com:443", "no-rule"),
            ("sub.api.example.com:443", "no-rule"), ("apixexample.com:443", "no-rule"),
            ("a.wild.example:443", "tls *.wild.example:443"),
            ("a.b.wild.example:443", "tls *.wild.example:443"), ("wild.example:443", "no-rule"),
            ("xwild.example:443", "no-rule"), ("a.wild.example.evil.test:443", "no-rule"),
            ("a.wild.example:444", "port"), ("10.1.2.3:22", "tcp 10.1.2.3:22"),
            ("10.1.2.4:22", "no-rule"), ("[fd00::1]:5432", "tcp [fd00::1]:5432"),
            ("[fd00:0::1]:5432", "tcp [fd00::1]:5432"), ("127.0.0.1:443", "no-rule"),
        ])
    func `a target has one deciding rule or a reason`(_ text: String, _ expected: String) throws {
        let rules = try rules(
            EgressRule(host: "api.example.com"), EgressRule(host: "*.wild.example"),
            EgressRule(host: "10.1.2.3", ports: [22], transport: .tcp, allowsPrivate: true),
            EgressRule(host: "[fd00::1]", ports: [5432], transport: .tcp, allowsPrivate: true))
        #expect(try decide(rules, text) == expected)
    }

    @Test func `the most exact rule decides, in any order`() throws {
        let all = [
            try EgressRule(host: "*.example.com", allowsPrivate: true),
            try EgressRule(host: "*.b.example.com"), try EgressRule(host: "a.b.example.com"),
            try EgressRule(host: "a.b.example.com", ports: [80], transport: .http),
        ]
        var chance = SeededGenerator.announced()
        for _ in 0..<20 {
            let rules = try EgressRules(all.shuffled(using: &chance))
            #expect(try decide(rules, "a.b.example.com:443") == "tls a.b.example.com:443")
            #expect(try decide(rules, "c.b.example.com:443") == "tls *.b.example.com:443")
            #expect(try decide(rules, "b.example.com:443") == "tls *.example.com:443")
            #expect(try decide(rules, "a.b.example.com:80", .http) == "http a.b.example.com:80")
            #expect(try decide(rules, "a.b.example.com:80") == "no-rule")
            #expect(try decide(rules, "a.b.example.com:443", .http) == "no-rule")
        }
    }

    @Test func `another rule for the host may have the port`() throws {
        let rules = try rules(
            EgressRule(host: "a.example.com"), EgressRule(host: "*.example.com", ports: [8443]))
        #expect(try decide(rules, "a.example.com:8443") == "tls *.example.com:8443")
        #expect(try decide(rules, "a.example.com:1") == "port")
    }

    /// Returns the code of the error, or nil for a rule.
    private func error(
        _ host: String, ports: [UInt16] = [443], _ transport: EgressRule.Transport = .tls,
        _ encryptedHello: EgressRule.EncryptedHello = .deny
    ) -> EgressRuleError.Code? {
        do throws(EgressRuleError) {
            _ = try EgressRule(
                host: host, ports: ports, transport: transport, encryptedHello: encryptedHello)
            return nil
        } catch {
            return error.code
        }
    }

    @Test func `a rule states what it can enforce`() {
        #expect(error("a.example.com") == nil)
        #expect(error("10.0.0.1") == .addressWithTLS)
        for host in [
            "*.com", "*", "a.*.example.com", "*.10.0.0.1", "**.example.com", "example.com:443", "",
        ] {
            #expect(error(host) == .host)
        }
        #expect(error("example.com", ports: []) == .ports)
        #expect(error("example.com", ports: [0]) == .ports)
        #expect(error("example.com", .tcp, .allow) == .unusedKey)
    }

    @Test func `two rules that could both decide are refused`() throws {
        let one = try EgressRule(host: "a.example.com", ports: [443, 8443])
        let other = try EgressRule(host: "A.example.com.", ports: [8443], transport: .tcp)
        #expect(throws: EgressRuleError(.duplicate, "")) { try EgressRules([one, other]) }
        let plain = try EgressRule(host: "a.example.com", ports: [8443], transport: .http)
        #expect(try EgressRules([one, plain]).rules.count == 2)
    }

    @Test func `without a policy, after a failed load and under a halt everything is refused`()
        throws
    {
        let target = try target("a.example.com:443")
        func reason(_ holder: EgressPolicyHolder) -> EgressReason? {
            do throws(EgressRefusal) {
                _ = try holder.current.decide(target, .tunnel)
                return nil
            } catch {
                return error.reason
            }
        }
        let holder = EgressPolicyHolder()
        #expect(reason(holder) == .noPolicy)
        let rules = try rules(EgressRule(host: "a.example.com"))
        holder.swap(rules)
        #expect(reason(holder) == nil)
        holder.setHalted(true)
        #expect(reason(holder) == .halted)
        holder.swap(nil)
        #expect(reason(holder) == .halted)
        holder.setHalted(false)
        #expect(reason(holder) == .noPolicy)
        holder.swap(rules)
        #expect(reason(holder) == nil)
    }

    /// A name is admitted by `*.suffix` exactly if it has a label, a dot and the suffix.
    @Test func `patterns match what their text says`() throws {
        var chance = SeededGenerator.announced()
        let labels = ["a", "b", "ab", "ba", "com", "a-b"]
        for _ in 0..<2_000 {
            func name(_ count: Int) -> [String] {
                (0..<count).map { _ in labels.randomElement(using: &chance) ?? "a" }
            }
            let suffix = name(Int.random(in: 2...3, using: &chance))
            let host = name(Int.random(in: 1...5, using: &chance))
            let rule = try EgressRule(host: "*." + suffix.joined(separator: "."))
            let expected = host.count > suffix.count && Array(host.suffix(suffix.count)) == suffix
            #expect(rule.matches(try EgressHost(host.joined(separator: "."))) == expected)
        }
    }

    @Test func `each reason has its answers`() {
        #expect(EgressReason.allCases.count == 20)
        for reason in EgressReason.allCases {
            let text = String(decoding: reason.httpResponse, as: UTF8.self)
            #expect(text.hasPrefix("HTTP/1.1 \(reason.httpStatus) \(reason.rawValue)\r\n"))
            #expect(text.hasSuffix("\r\n\r\n\(reason.rawValue)\n"))
            #expect(reason.socksReply == 2)
            #expect(!reason.code.contains("-"))
        }
        #expect(EgressReason.noRule.code == "net.no_rule")
        #expect(EgressReason.badHost.httpStatus == 400)
        #expect(EgressReason.noRule.httpStatus == 403)
    }
}
