import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockEvals

/// Imports and their envelopes (docs/specs/evals.md, section 8).
struct EvalImportTests {
    private let hashing = ResultFixture.hashing

    private func made() throws -> EvalImport {
        ImportFixture.evalImport(try ImportFixture.read(ImportFixture.log()))
    }

    private func signed(
        _ payload: [UInt8], as type: PayloadType = .evalImport,
        by key: Ed25519PrivateKey = ResultFixture.pipeline
    ) -> Envelope {
        let message = preAuthenticationEncoding(type.text, payload)
        return Envelope(
            payloadType: type, payload: payload,
            signatures: [.key(key.publicKey, key.sign(message))])
    }

    @Test func `an import is read as it was written`() throws {
        let one = try made()
        let bytes = try one.canonical()
        #expect(JSONValue.isCanonical(bytes))
        #expect(try EvalImport(parsing: bytes, hashing: hashing) == one)
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.contains(#""evidence":"utility""#) && text.contains(#""judge":"model""#))
        #expect(!text.contains("verdict") && !text.contains("safety"))
    }

    /// The gate takes results alone, by any signer.
    @Test func `an import is never taken for a result, nor a result for an import`() throws {
        let payload = try made().canonical()
        let read = try SignedEvalImport(signed(payload), hashing: hashing)
        #expect(
            read.signers(among: ResultFixture.keys, verifiedBy: OpenSSLVerifier())
                == [ResultFixture.keys[0]])
        #expect(throws: FormError.self) { try SignedEvalResult(signed(payload), hashing: hashing) }
        #expect(throws: FormError.self) {
            try SignedEvalResult(signed(payload, as: .evalResult), hashing: hashing)
        }
        let result = try ResultFixture.result().canonical()
        for type in [PayloadType.evalImport, .evalResult] {
            #expect(throws: FormError.self) {
                try SignedEvalImport(signed(result, as: type), hashing: hashing)
            }
        }
        #expect(throws: FormError.self) { try EvalResult(parsing: payload, hashing: hashing) }
    }

    @Test func `a signature under another payload type or another payload does not count`() throws {
        let payload = try made().canonical()
        let asResult = signed(payload, as: .evalResult)
        let moved = Envelope(
            payloadType: .evalImport, payload: payload, signatures: asResult.signatures)
        let read = try SignedEvalImport(moved, hashing: hashing)
        #expect(read.signers(among: ResultFixture.keys, verifiedBy: OpenSSLVerifier()) == [])
    }

    @Test(arguments: [
        (#""evidence":"utility""#, #""evidence":"safety""#),
        (#""proof":"declared""#, #""proof":"measured""#),
        (#""agent":"refunds""#, #""agent":"payouts""#),
        (#""cases":2,"ended""#, #""cases":5,"ended""#),
        (#""cases":2,"judge":"code""#, #""cases":3,"judge":"code""#),
        (#""passed":1"#, #""passed":3"#), (#""passed":1"#, #""passed":-1"#),
        (#""judge":"model""#, #""judge":"nobody""#),
        (#""name":"includes""#, #""name":"zzz""#), (#""value":"0.75""#, #""value":"0.750""#),
        (#""value":"0.75""#, #""value":"nan""#), (#""value":"0.75""#, #""value":"inf""#),
        (#""value":"0.75""#, #""value":0.75"#), (#""v":1"#, #""v":2"#),
        (#""imported":"2026-11-21"#, #""imported":"2026-11-19"#),
        (#""started":"2026-11-20"#, #""started":"2026-11-21"#),
        (#""by":"dana@acme.example""#, #""by":"Dana@acme.example""#),
        (#""task":"refunds""#, #""task":"""#), (#""trials":4"#, #""trials":1"#),
    ])
    func `an edited import is refused`(_ old: String, _ new: String) throws {
        let text = String(decoding: try made().canonical(), as: UTF8.self)
        let edited = text.replacing(old, with: new)
        #expect(edited != text)
        #expect(throws: FormError.self) {
            try EvalImport(parsing: Array(edited.utf8), hashing: hashing)
        }
    }

    @Test func `a metric is a finite number in its shortest form`() {
        #expect(ImportedMetric(name: "a", value: .nan) == nil)
        #expect(ImportedMetric(name: "a", value: .infinity) == nil)
        for value: Double in [0.75, -1, 1e300, .leastNonzeroMagnitude, 123_456_789] {
            let made = ImportedMetric(name: "a", value: value)
            #expect(made != nil && made == ImportedMetric(name: "a", text: made?.value ?? ""))
        }
    }

    @Test func `the largest run that a payload holds is read again, and more is more`() throws {
        let run = try ImportFixture.read(ImportFixture.log())
        func largest(_ scorers: Int) throws -> [UInt8] {
            let metrics = (0..<ImportedScorer.mostMetrics).compactMap {
                ImportedMetric(name: "metric \($0)", value: Double($0))
            }
            let list = (0..<scorers).map {
                ImportedScorer(name: "scorer \($0)", judge: .code, rate: nil, metrics: metrics)
            }
            return try ImportFixture.evalImport(
                ImportedRun(
                    tool: run.tool, task: run.task, model: nil, started: run.started,
                    ended: run.ended, cases: 1, trials: 1, scorers: list)
            ).canonical()
        }
        let bytes = try largest(20)
        #expect(bytes.count < EvalImport.largest)
        #expect(try EvalImport(parsing: bytes, hashing: hashing).run.scorers.count == 20)
        let more = try largest(ImportedRun.mostScorers)
        #expect(more.count > EvalImport.largest)
        #expect(throws: FormError.self) { try EvalImport(parsing: more, hashing: hashing) }
    }
}
