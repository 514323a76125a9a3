import InterlockJSON

/// The fault of a file by which its host runs without it, or does not start.
struct FileFault: Error {
    let cause: String
    let help: String?

    init(_ cause: String, help: String? = nil) {
        self.cause = cause
        self.help = help
    }

    static let ownerHelp = "chown root:root, and chmod go-w, each folder and file"
}

extension FileFacts {
    private static let limits = JSONLimits(
        depth: 64, bytes: 4 << 20, values: 200_000, largeIntegers: .keep)

    /// True if the file has nothing but white space.
    static func isBlank(_ bytes: [UInt8]) -> Bool {
        bytes.allSatisfy { [0x20, 0x09, 0x0a, 0x0d].contains($0) }
    }

    /// The bytes of a file that must have some.
    func requiredBytes() throws(FileFault) -> [UInt8] {
        switch content {
        case .absent: throw FileFault("does not exist")
        case .unreadable(let reason):
            throw FileFault(
                "cannot be read by this user, so that the host runs without it: \(reason)",
                help: "chmod 0644 the file, and 0755 its folders")
        case .bytes(let bytes):
            guard !Self.isBlank(bytes) else {
                throw FileFault("is empty, so that the host runs without it")
            }
            return bytes
        }
    }

    /// Parses strict JSON: a key must not occur twice, and comments are errors.
    static func object(_ bytes: [UInt8]) throws(FileFault) -> JSONObject {
        let root: JSONValue
        do throws(JSONError) { root = try JSONValue(parsing: bytes, limits: limits) } catch {
            throw FileFault("is not valid JSON: \(error)")
        }
        return try object(root)
    }

    /// Parses a file that a host may read with comments.
    static func relaxedObject(_ bytes: [UInt8]) throws(FileFault) -> JSONObject {
        let root: JSONValue
        do throws(JSONError) {
            root = try JSONDocument(parsing: bytes, limits: limits).root.value
        } catch { throw FileFault("is not valid JSON: \(error)") }
        return try object(root)
    }

    private static func object(_ value: JSONValue) throws(FileFault) -> JSONObject {
        guard let object = value.object else { throw FileFault("is not a JSON object") }
        return object
    }
}
