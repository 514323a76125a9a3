import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockEvals

/// Results of eval runs and their envelopes (docs/specs/evals.md, section 8).
@Suite(.requirement("R116", "R122")) struct `Results of evals` {
    private static let names = FingerprintNames(models: ["m-2", "m-1"], prompt: ["CLAUDE.md"])
    private let hashing = ResultFixture.hashing

    @Test func `a result is read as it was written`() throws {
        for result in [
            ResultFixture.result(), ResultFixture.result(.fail, flags: ["T03", "T07"], failed: 2),
            ResultFixture.result(isPartial: true), ResultFixture.result(names: Self.names),
            ResultFixture.result(names: FingerprintNames(prompt: ["CLAUDE.md"])),
        ] {
            let bytes = try result.canonical()
            #expect(try EvalResult(parsing: bytes, hashing: hashing) == result)
            #expect(JSONValue.isCanonical(bytes))
        }
    }

    @Test func `an envelope has the payload type of results and is read as it was written`() throws
    {
        let signed = try ResultFixture.signed(ResultFixture.result())
        let text = String(decoding: signed.envelope.bytes, as: UTF8.self)
        #expect(text.contains("application/vnd.interlock.eval-result+json"))
        let read = try SignedEvalResult(parsing: signed.envelope.bytes, hashing: hashing)
        #expect(read == signed)
        #expect(
            read.signers(among: ResultFixture.keys, verifiedBy: OpenSSLVerifier())
                == [ResultFixture.keys[0]])
    }

    @Test func `an edited payload, another key and another payload type have no signer`() throws {
        let signed = try ResultFixture.signed(ResultFixture.result(.fail, failed: 1))
        let edited = Envelope(
            payloadType: .evalResult, payload: try ResultFixture.result().canonical(),
            signatures: signed.envelope.signatures)
        let forged = try SignedEvalResult(edited, hashing: hashing)
        #expect(forged.result.verdict == .pass)
        #expect(forged.signers(among: ResultFixture.keys, verifiedBy: OpenSSLVerifier()) == [])
        let stranger = try #require(Ed25519PrivateKey(seed: [UInt8](repeating: 3, count: 32)))
        let other = try ResultFixture.signed(ResultFixture.result(), by: stranger)
        #expect(other.signers(among: ResultFixture.keys, verifiedBy: OpenSSLVerifier()) == [])
        let vote = Envelope(
            payloadType: .vote, payload: signed.envelope.payload,
            signatures: signed.envelope.signatures)
        #expect(throws: FormError.self) { try SignedEvalResult(vote, hashing: hashing) }
    }

    @Test(
        arguments: [
            (#""verdict":"fail""#, #""verdict":"pass""#),
            (#""agent":"refunds""#, #""agent":"payouts""#),
            (#""max_age":7776000"#, #""max_age":7776001"#),
            (#""max_age":7776000"#, #""max_age":0"#),
            (#""started":"2026-11-20T09:00:11Z""#, #""started":"2026-11-21T09:00:11Z""#),
            (#""v":1"#, #""v":2"#), (#""tools":"9/9""#, #""tools":"10/9""#),
            (#""flags":[]"#, #""flags":["T1"]"#), (#""flags":[]"#, #""flags":["T02","T01"]"#),
            (#""drop_bound95":"0.0789""#, #""drop_bound95":"0.07890""#),
            (#""passed":39"#, #""passed":41"#), (#""b":1,"#, ""),
            (#""runner":"interlock 1.0.0""#, #""runner":"""#),
            (#""proof":"measured""#, #""proof":"believed""#),
            (#""agent":"#, #""admin":true,"agent":"#),
        ])
    func `a result with an impossible, unknown or missing member is refused`(
        _ old: String, _ new: String
    ) throws {
        let text = String(
            decoding: try ResultFixture.result(.fail, failed: 1).canonical(), as: UTF8.self)
        let place = try #require(text.firstRange(of: old))
        let edited = String(text[..<place.lowerBound]) + new + String(text[place.upperBound...])
        #expect(throws: FormError.self) {
            try EvalResult(parsing: Array(edited.utf8), hashing: hashing)
        }
    }

    @Test(
        arguments: [
            (#"{"models":["m-1","m-2"]"#, #"{"models":["m-2","m-1"]"#),
            (#"{"models":["m-1","m-2"]"#, #"{"models":["m-1","m-1"]"#),
            (#"{"models":["m-1","m-2"]"#, #"{"models":["m-1",""]"#),
            (#"{"models":["m-1","m-2"]"#, #"{"models":"m-1""#),
            (#""prompt":["CLAUDE.md"]}"#, #""prompt":["CLAUDE.md"],"x":1}"#),
            (#"{"models":["m-1","m-2"],"prompt":["CLAUDE.md"]}"#, #"{"models":[],"prompt":[]}"#),
            (#","prompt":["CLAUDE.md"]}"#, "}"),
        ])
    func `names of models and files have one spelling`(_ old: String, _ new: String) throws {
        let text = String(
            decoding: try ResultFixture.result(names: Self.names).canonical(), as: UTF8.self)
        let place = try #require(text.firstRange(of: old))
        let edited = String(text[..<place.lowerBound]) + new + String(text[place.upperBound...])
        #expect(throws: FormError.self) {
            try EvalResult(parsing: Array(edited.utf8), hashing: hashing)
        }
    }

    @Test func `too many or too long names are no names of a result`() {
        func names(_ count: Int, _ length: Int) -> FingerprintNames {
            FingerprintNames(
                prompt: (0..<count).map {
                    ExactText("\($0)-" + String(repeating: "x", count: length))
                })
        }
        #expect(names(256, 100).isBounded && !names(257, 1).isBounded)
        #expect(names(1, 500).isBounded && !names(1, 513).isBounded)
        #expect(!names(256, 200).isBounded)
        let models = FingerprintNames(models: (0..<65).map { ExactText("m-\($0)") })
        #expect(!models.isBounded)
    }

    @Test(arguments: [
        (0.0487, "0.0487"), (1, "1"), (0, "0"), (-0.05, "-0.05"), (0.99999, "1"),
        (-0.00001, "0"), (0.5, "0.5"),
    ])
    func `a rate has at most four digits and one spelling`(_ value: Double, _ text: String) {
        #expect(EvalFraction(value)?.text == text)
        #expect(EvalFraction(text: text)?.text == text)
    }

    @Test(arguments: ["1.5", "0.50", "00", "-0", "nan", "1e-1", "", "0.12345", "+1", " 1"])
    func `another spelling of a rate is refused`(_ text: String) {
        #expect(EvalFraction(text: text) == nil)
    }

    @Test func `outcomes of cases are read as they were written, by distinct ids`() throws {
        let cases = try ["b", "a"].map { name in
            try #require(
                CaseOutcome(
                    id: CaseID(name).unwrapped, kind: .policy, caseClass: .refuse, gate: .safety,
                    trials: 3, passes: name == "a" ? 3 : 2, reason: "::error::x"))
        }
        let outcomes = CaseOutcomes(agent: ResultFixture.agent, cases: cases)
        let bytes = try outcomes.canonical()
        #expect(!String(decoding: bytes, as: UTF8.self).contains("::error"))
        let read = try CaseOutcomes(parsing: bytes)
        #expect(read.cases.map(\.id.text) == ["a", "b"] && read.agent == outcomes.agent)
        #expect(read.passed == [cases[1].id: true, cases[0].id: false])
        let twice = CaseOutcomes(agent: ResultFixture.agent, cases: [cases[0], cases[0]])
        let doubled = try twice.canonical()
        #expect(throws: FormError.self) { try CaseOutcomes(parsing: doubled) }
    }
}
