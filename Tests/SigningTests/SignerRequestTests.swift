import InterlockCredentials
import InterlockLedger
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockSigning

private typealias Values = SigningValues

struct SignerRequestTests {
    @Test func `each request and response is read back as it was written`() throws {
        let heads = SignedHeads.Statement(
            origin: Values.origin, size: 7, root: Values.leaf(1), heads: Values.leaf(2))
        let requests: [SignerRequest] = [
            .status, .growth(Values.growth(3, 9)), .growth(Values.growth(5, 5)), .heads(heads),
            .statement(try NodeStatement(.alive, try Values.alive())),
        ]
        for request in requests {
            #expect(try SignerRequest(parsing: request.bytes) == request)
            #expect(request.bytes.count <= SignerMessage.maximumRequestBytes)
        }
        let responses: [SignerResponse] = [
            .status(Values.signed(9).head, Values.key.publicKey),
            .status(Values.signed(9).head, Values.key.publicKey, wasTreeDamaged: true),
            .note(Array("note".utf8)),
            .signature([UInt8](repeating: 7, count: 64)),
            .refused(SignerRefusal(.fork, "the tree does not extend them")),
        ]
        for response in responses {
            #expect(SignerResponse(parsing: response.bytes) == response)
        }
    }

    @Test func `the largest growth fits a request`() throws {
        let growth = TreeGrowth(
            origin: String(repeating: "o", count: NoteName.maximumBytes), from: 1 << 40,
            leafHashes: Values.leaves(0..<TreeGrowth.maximumLeaves), root: Values.leaf(0))
        let bytes = SignerRequest.growth(growth).bytes
        #expect(bytes.count <= SignerMessage.maximumRequestBytes)
        #expect(try SignerRequest(parsing: bytes) == .growth(growth))
        #expect(
            SignerMessage.length(
                Array(SignerMessage.framed(bytes).prefix(4)),
                most: SignerMessage.maximumRequestBytes) == bytes.count)
    }

    private func code(_ bytes: [UInt8]) -> SignerRefusal.Code? {
        do throws(SignerRefusal) {
            _ = try SignerRequest(parsing: bytes)
            return nil
        } catch { return error.code }
    }

    @Test func `what is none of the forms is refused with its code`() throws {
        let growth = SignerRequest.growth(Values.growth(3, 5)).bytes
        let alive = try Values.alive()
        var many = SigningFieldsWriter()
        many.add(2, width: 1)
        many.add(Values.origin)
        many.add(0, width: 8)
        many.add(4097, width: 4)
        var late = SigningFieldsWriter()
        late.add(2, width: 1)
        late.add(Values.origin)
        late.add(1 << 63, width: 8)
        #expect(code([]) == .malformed)
        for kind: UInt8 in [0, 6, 255] { #expect(code([kind]) == .unknownKind) }
        #expect(code([1, 0]) == .malformed)
        #expect(code(growth + [0]) == .malformed)
        #expect(code(Array(growth.dropLast())) == .malformed)
        #expect(code(Array(growth.prefix(40))) == .malformed)
        #expect(code(many.bytes) == .tooLarge)
        #expect(code(late.bytes) == .malformed)
        #expect(code([2, 3, 0xff, 0xfe, 0xfd]) == .malformed)
        for kind: UInt8 in [2, 3, 4, 5] { #expect(code([kind]) == .malformed) }
        var spaced: [UInt8] = [4]
        spaced += alive
        spaced.append(0x20)
        #expect(code(spaced) == .malformed)
        var other: [UInt8] = [5]
        other += alive
        #expect(code(other) == .malformed)
        let large = [UInt8](repeating: 4, count: SignerMessage.maximumRequestBytes + 1)
        #expect(code(large) == .tooLarge)
        let long = [UInt8](repeating: 4, count: Envelope.largestPayload + 2)
        #expect(code(long) == .tooLarge)
    }

    @Test func `only two types of statements are signed`() throws {
        for type in PayloadType.allCases where !NodeStatement.types.contains(type) {
            #expect(throws: SignerRefusal.self) {
                _ = try NodeStatement(type, try Values.alive())
            }
        }
    }

    @Test func `a length outside of the bounds is none`() {
        #expect(SignerMessage.length([0, 0, 0, 0], most: 10) == nil)
        #expect(SignerMessage.length([0, 0, 0, 11], most: 10) == nil)
        #expect(SignerMessage.length([255, 255, 255, 255], most: 10) == nil)
        #expect(SignerMessage.length([0, 0, 0], most: 10) == nil)
        #expect(SignerMessage.length([0, 0, 0, 10], most: 10) == 10)
    }

    @Test func `a malformed answer is none`() {
        let status = SignerResponse.status(Values.signed(9).head, Values.key.publicKey).bytes
        func check(_ bytes: [UInt8]) {
            #expect(SignerResponse(parsing: bytes) == nil, "\(bytes.prefix(8))")
        }
        check([])
        check([0])
        check([9])
        check(status + [0])
        check(Array(status.dropLast()))
        check(Array(status.dropLast()) + [2])
        check([UInt8](repeating: 3, count: 64))
        check([4])
        check([4, 99])
        check([4, 5, 0xff])
        var reason: [UInt8] = [4, 5]
        reason += [UInt8](repeating: 0x61, count: 513)
        check(reason)
        check([UInt8](repeating: 2, count: SignerMessage.maximumResponseBytes + 1))
    }
}
