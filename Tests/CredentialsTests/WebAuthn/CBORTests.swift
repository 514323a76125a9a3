import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockCredentials

@Suite struct CBORTests {
    private func read(_ hex: String) -> Result<CBORValue, CBORError> {
        do throws(CBORError) {
            return .success(try CBORValue(parsing: Hex.decode(hex).unwrapped))
        } catch { return .failure(error) }
    }

    /// Encodings of RFC 8949, appendix A.
    @Test(
        arguments: [
            ("00", .unsigned(0)), ("17", .unsigned(23)), ("1818", .unsigned(24)),
            ("1903e8", .unsigned(1000)), ("1a000f4240", .unsigned(1_000_000)),
            ("1bffffffffffffffff", .unsigned(.max)), ("3bffffffffffffffff", .negative(.max)),
            ("20", CBORValue(-1)), ("3903e7", CBORValue(-1000)), ("f4", .bool(false)),
            ("f5", .bool(true)), ("f6", .null), ("40", .bytes([])),
            ("4401020304", .bytes([1, 2, 3, 4])),
            ("60", .text("")), ("62c3bc", .text("ü")), ("64f0908591", .text("\u{10151}")),
            ("80", .array([])), ("83010203", .array([CBORValue(1), CBORValue(2), CBORValue(3)])),
            ("a0", .map([])),
            (
                "a201020304",
                .map([
                    CBORPair(CBORValue(1), CBORValue(2)), CBORPair(CBORValue(3), CBORValue(4)),
                ])
            ),
        ] as [(String, CBORValue)])
    func `an item is read, and written as it was`(_ hex: String, _ value: CBORValue) {
        #expect(read(hex) == .success(value))
        #expect(Hex.encode(value.serialized) == hex)
    }

    @Test(
        arguments: [
            ("", .malformed), ("18", .malformed), ("42", .malformed), ("4201", .malformed),
            ("1c", .malformed), ("a101", .malformed), ("8201", .malformed),
            ("5bffffffffffffffff", .malformed), ("7bffffffffffffffff", .malformed),
            // Indefinite lengths, breaks, tags, floats, undefined, simple values.
            ("5f4101ff", .notTaken), ("7f6161ff", .notTaken), ("9f01ff", .notTaken),
            ("bf0102ff", .notTaken), ("ff", .notTaken), ("c074", .notTaken), ("f90000", .notTaken),
            ("fb3ff199999999999a", .notTaken), ("f7", .notTaken),
            ("1817", .notShortest), ("190018", .notShortest), ("1a00000018", .notShortest),
            ("1b0000000000000018", .notShortest), ("3817", .notShortest), ("580101", .notShortest),
            ("78026161", .notShortest), ("980101", .notShortest), ("b8010102", .notShortest),
            ("61ff", .notUTF8), ("62c328", .notUTF8), ("63eda080", .notUTF8),
            ("a201020103", .duplicateKey), ("a2616101616102", .duplicateKey),
            ("a262c3a9016365cc8102", nil),
            ("0000", .trailing), ("a000", .trailing),
            ("8181818100", nil), ("818181818100", .tooDeep), ("a100a100a100a100a0", .tooDeep),
            ("9bffffffffffffffff", .tooManyItems), ("bbffffffffffffffff", .tooManyItems),
        ] as [(String, CBORError?)])
    func `what authenticators must not send is refused, each with its reason`(
        _ hex: String, _ error: CBORError?
    ) {
        switch read(hex) {
        case .success: #expect(error == nil)
        case .failure(let found): #expect(found == error)
        }
    }

    @Test func `size and number of items are bounded`() {
        func error(_ bytes: [UInt8]) -> CBORError? {
            do throws(CBORError) {
                _ = try CBORValue(parsing: bytes)
                return nil
            } catch { return error }
        }
        let limit = CBORReader.largestBytes
        #expect(error(CBORValue.bytes([UInt8](repeating: 0, count: limit)).serialized) == .tooLarge)
        #expect(
            error(CBORValue.bytes([UInt8](repeating: 0, count: limit - 3)).serialized) == nil)
        let most = CBORReader.mostItems
        let items = [CBORValue](repeating: .null, count: most - 1)
        #expect(error(CBORValue.array(items).serialized) == nil)
        #expect(error(CBORValue.array(items + [.null]).serialized) == .tooManyItems)
    }
}
