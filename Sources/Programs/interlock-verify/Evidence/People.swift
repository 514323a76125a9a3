/// The enrolled keys of people, from a file that the auditor provides.
struct People {
    private var keys: [Octets: Set<[UInt8]>] = [:]

    static let maximumBytes = 16 << 20

    init(_ path: String) throws(Refusal) {
        let bytes = try Files.required(path, limit: People.maximumBytes)
        let malformed = Refusal(.malformed, "`\(path)` holds no people with their keys")
        guard let people = (try? JSONObject(bytes, .document))?.objects("people") else {
            throw malformed
        }
        for person in people {
            guard let pseudonym = person.text("pseudonym"), keys[pseudonym] == nil,
                let enrolled = person.objects("keys")
            else { throw malformed }
            keys[pseudonym] = []
            for entry in enrolled {
                guard let key = entry.base64("key"), key.count == 32 else { throw malformed }
                keys[pseudonym]?.insert(key)
            }
        }
    }

    func holds(_ key: [UInt8], _ pseudonym: Octets) -> Bool {
        keys[pseudonym]?.contains(key) ?? false
    }
}
