import InterlockAdministration
import InterlockApprovals
import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockAPI
@testable import InterlockConsole
@testable import InterlockSchemas

/// The OpenAPI document describes exactly the operations that are served.
struct APIDocumentTests {
    @Test func `the file is what the program prints`() throws {
        let file = TestFiles.root(from: #filePath) + "/docs/openapi.json"
        let kept = String(decoding: try #require(TestFiles.read(file)), as: UTF8.self)
        #expect(kept == OpenAPI.text, "write it anew: interlock openapi > docs/openapi.json")
        let read = try JSONValue(parsing: Array(kept.utf8), limits: .agent)
        #expect(read == OpenAPI.document)
    }

    @Test func `every operation has its own name and a way to it`() {
        let names = Operation.all.map(\.name)
        #expect(Set(names).count == names.count)
        for operation in Operation.published {
            let path = OpenAPI.document["paths"]?[operation.path.text]
            let own = path?[operation.method == .get ? "get" : "post"]
            #expect(own?["operationId"]?.string == operation.name)
            #expect(!operation.summary.isEmpty)
            // Only people who are signed in change anything.
            #expect(!operation.isOpen || operation.method == .get)
            let places = operation.path.parts.map { part in
                switch part {
                case .word(let word): word
                case .place: "apr_00000000000000000000000000"
                }
            }.joined(separator: "/")
            #expect(
                OperationTable.published.candidates(at: places[...])
                    .first { $0.operation.method == operation.method }?.operation.name
                    == operation.name)
        }
    }

    /// A user of the local socket is no person and no service account: each row that is added here is a power.
    @Test func `the local socket has its own operations and these of people`() {
        let both = Operation.published.filter { $0.callers.contains(.local) }.map(\.name)
        #expect(
            both == [
                "orderPeople", "listDelegations", "listServices", "listHalts", "halt", "release",
                "confirmRelease",
                "listElevations", "requestElevation", "approveElevation", "endElevation",
                "listStageExceptions", "getReadiness", "getAgentReadiness", "orderRun",
                "getRunTaint", "listAlerts",
                "getAlert", "disposeAlert", "listIncidents", "openIncident", "getIncident",
                "actOnIncident", "closeIncident", "listUnknownOutcomes",
                "checkOutcome", "classifyDenial", "listLimits",
                "listBreakers", "approveRunChanges", "getReviewCapacity",
            ])
        let alone = Operation.all.filter { $0.callers == .local }
        #expect(alone.count + both.count == Operation.ofCommands.count)
        for operation in alone {
            #expect(!Operation.published.contains { $0.name == operation.name })
        }
    }

    @Test func `every reference leads somewhere`() {
        func check(_ value: JSONValue) {
            for (key, inner) in value.object?.members ?? [] {
                if key == "$ref", let name = inner.string?.split(separator: "/").last {
                    #expect(OpenAPI.document["components"]?["schemas"]?[String(name)] != nil)
                }
                check(inner)
            }
            for inner in value.array ?? [] { check(inner) }
        }
        check(OpenAPI.document)
    }

    @Test func `a problem is what the desk said`() {
        let refusals: [(ApprovalRefusal, String, Int)] = [
            (.noSuchRequest, "no_such_request", 404),
            (.notEligible(.notMember), "not_eligible", 403),
            (.alreadyVoted, "already_voted", 409), (.closed(.denied), "request_closed", 409),
            (.revisionChanged, "revision_changed", 409), (.digestMismatch, "digest_mismatch", 422),
            (.badSignature, "bad_signature", 422),
            (.badAssertion(.malformed), "bad_assertion", 422),
            (.malformed(.notCanonical), "malformed", 400), (.nonceSpent, "nonce_spent", 409),
            (.notGranted, "not_granted", 409), (.tooFast, "too_fast", 428),
            (.notRead, "not_read", 503), (.tooOften, "too_many", 429),
            (.notRecorded("store"), "not_recorded", 503),
        ]
        for (refusal, code, status) in refusals {
            let kind = Problem(refusal).kind
            #expect(kind.rawValue == code && kind.status == status)
        }
        let reading: [(VotingRefusal, String, Int)] = [
            (.tooFast(left: .seconds(1)), "too_fast", 428),
            (.notFullyViewed, "not_fully_viewed", 428), (.notConfirmed, "not_confirmed", 428),
            (.refused(.nonceSpent), "nonce_spent", 409),
        ]
        for (refusal, code, status) in reading {
            let kind = Problem(refusal).kind
            #expect(kind.rawValue == code && kind.status == status)
        }
    }

    /// Patterns serve readers of the document; the code validates by itself, and both must agree.
    @Test func `a pattern says what the code does`() throws {
        var chance = SeededGenerator.announced()
        let samples = [
            "apr_00000000000000000000000000", "00000000000000000000000000", "AQ==", "AQ", "AAE=",
            "AAECAwQFBgcICQoLDA0ODw==",
            "sha256:\(String(repeating: "0f", count: 32))",
        ]
        let shapes: [TextShape] = [
            .approval, .id, .digest, .base64(16), .base64URL(16),
        ]
        let letters = Array("AQgw=-_+/0189abzil:TZ ")
        for shape in shapes {
            let pattern = try Regex(try #require(shape.pattern)).matchingSemantics(.unicodeScalar)
            var both = Set<Bool>()
            for _ in 0..<400 {
                var text = Array(try #require(samples.randomElement(using: &chance)))
                if Bool.random(using: &chance) {
                    let place = Int.random(in: text.indices, using: &chance)
                    text[place] = try #require(letters.randomElement(using: &chance))
                }
                let written = String(text)
                let isFit = shape.characters?.contains(written.unicodeScalars.count) ?? true
                let isMatch = isFit && written.firstMatch(of: pattern) != nil
                #expect(shape.passes(written) == isMatch, "\(shape.expected): \(written)")
                both.insert(isMatch)
            }
            #expect(both == [true, false])
        }
    }

    /// The pattern lists the whole class, because other regular expression dialects name it differently.
    @Test func `words are something else than white space, whatever kind`() throws {
        let words = TextShape.words(most: 4)
        let pattern = try #require(words.pattern)
        let spaces = (0...0x10ffff as ClosedRange<UInt32>).compactMap(Unicode.Scalar.init)
            .filter { $0.properties.isWhitespace || $0 == "\u{feff}" }
        for space in spaces {
            #expect(!words.passes("\(space)\(space)") && words.passes("\(space)a"))
            let spelled = ["\t": "\\t", "\n": "\\n", "\u{c}": "\\f", "\r": "\\r", " ": " "][
                String(space),
                default: "\\u" + String(repeating: "0", count: max(0, 4 - hex(space).count))
                    + hex(space)]
            let isInRange = (0x2000...0x200a).contains(space.value)
            #expect(isInRange || pattern.contains(spelled), "\(spelled)")
        }
        #expect(!words.passes("") && !words.passes("abcde") && words.passes("\u{200b}"))
    }

    private func hex(_ scalar: Unicode.Scalar) -> String { String(scalar.value, radix: 16) }
}
