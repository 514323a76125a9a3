import InterlockLedger
import InterlockModel

/// `state/keys`: `wrap.key` and `buckets/<day>.bucket`. One writer at a time.
///
/// A function that throws leaves each file in its old or its new state, except after a failed flush of an append: the
/// content on disk is then unknown, and this process adds no more keys.
struct BucketFolder: Sendable {
    let keys: String
    let entropy: any Entropy
    /// The key that wraps new buckets.
    var wrapping: WrappingKey
    /// The key that may still wrap some buckets, after an erasure that failed and was not repeated.
    var previous: WrappingKey?
    private var opened: [CivilDate: DayBucket] = [:]
    private var isFailed = false

    /// The number of days kept open: most calls belong to runs that began today or yesterday.
    private static let keptOpen = 8

    static func folder(_ keys: String) -> String { keys + "/buckets" }
    static func wrapFile(_ keys: String) -> String { keys + "/wrap.key" }
    /// The successor of `wrap.key` while an erasure is in progress.
    static func nextWrapFile(_ keys: String) -> String { keys + "/wrap.key.next" }
    static func path(_ keys: String, _ day: CivilDate) -> String {
        "\(folder(keys))/\(day.text).bucket"
    }

    /// Creates `wrap.key` and the folder of buckets, for `interlock init`. Durable on return.
    static func create(in keys: String, entropy: any Entropy) throws(KeyFailure) {
        try GuardedFile.makeFolder(folder(keys))
        try GuardedFile.create(wrapFile(keys), entropy.bytes(32), mode: 0o400)
    }

    /// Opens the folder and completes a change of the wrapping key that a crash interrupted.
    ///
    /// - Throws: `missing` if there is a folder of buckets but no wrapping key, `malformed` if the key does not open
    ///   all of them.
    init(_ keys: String, entropy: any Entropy) throws(KeyFailure) {
        self.keys = keys
        self.entropy = entropy
        var found = try WrappingKeyPair(keys)
        if found.all.isEmpty, try Self.names(keys) == nil {
            // The deployment predates encrypted payloads and has no keys yet.
            try Self.create(in: keys, entropy: entropy)
            found = try WrappingKeyPair(keys)
        }
        guard let key = found.next ?? found.current else {
            throw KeyFailure(
                .missing, "`\(Self.wrapFile(keys))` is gone, and with it every payload key",
                help: "restore it from the backup of `state/keys`")
        }
        wrapping = key
        for day in try Self.days(keys) {
            _ = try Self.read(keys, day, found.all)
        }
        if found.next != nil { try finishRotation() }
    }

    // MARK: Keys

    mutating func answer(_ owner: PayloadOwner) throws(KeyFailure) -> RunKeyResponse {
        switch try bucket(of: owner.day) {
        case .absent: .missing
        case .destroyed: .erased
        case .present(let bucket): bucket.answer(owner)
        }
    }

    /// Adds a random key for each owner that has no key and was not erased; one flush per day.
    mutating func add(_ owners: [PayloadOwner]) throws(KeyFailure) {
        guard !isFailed else { throw KeyFailure(.io, "an earlier key could not be flushed") }
        for (day, owners) in Dictionary(grouping: owners, by: \.day) {
            switch try bucket(of: day) {
            case .absent: try begin(day, owners)
            case .destroyed: continue
            case .present(let bucket):
                // Removed from the cache, so that it is changed in place and read again after a failure.
                opened[day] = nil
                try append(to: bucket, owners)
            }
        }
    }

    private mutating func begin(_ day: CivilDate, _ owners: [PayloadOwner]) throws(KeyFailure) {
        var bucket = Bucket(day: day, key: entropy.bytes(32))
        for owner in owners { _ = bucket.add(owner, entropy.bytes(32), entropy) }
        try GuardedFile.replace(Self.path(keys, day), bytes(bucket), mode: 0o600)
        keep(.present(bucket), day)
    }

    private mutating func append(
        to found: consuming Bucket, _ owners: [PayloadOwner]
    ) throws(KeyFailure) {
        var bucket = found
        let end = head(bucket).count + bucket.byteCount
        var entries: [UInt8] = []
        for owner in owners where bucket.answer(owner) == .missing {
            entries += bucket.add(owner, entropy.bytes(32), entropy)
        }
        if !entries.isEmpty {
            do throws(KeyFailure) {
                try GuardedFile.append(Self.path(keys, bucket.day), entries, at: end)
            } catch {
                if error.code == .unflushed { isFailed = true }
                throw error
            }
        }
        keep(.present(bucket), bucket.day)
    }

    // MARK: Files

    mutating func bucket(of day: CivilDate) throws(KeyFailure) -> DayBucket {
        let bucket = try look(at: day)
        if case .absent = bucket { return bucket }
        keep(bucket, day)
        return bucket
    }

    private func look(at day: CivilDate) throws(KeyFailure) -> DayBucket {
        if let bucket = opened[day] { return bucket }
        return try GuardedFile.ifPresent(
            try Self.read(keys, day, [wrapping, previous].compactMap { $0 })) ?? .absent
    }

    mutating func forgetOpened() { opened = [:] }

    private mutating func keep(_ bucket: DayBucket, _ day: CivilDate) {
        if opened.count >= Self.keptOpen, opened[day] == nil { opened = [:] }
        opened[day] = bucket
    }

    /// The days with keys, oldest first. Does not add them to the cache.
    func daysInUse() throws(KeyFailure) -> [CivilDate] {
        var found: [CivilDate] = []
        for day in try Self.days(keys) {
            if case .present = try look(at: day) { found.append(day) }
        }
        return found
    }

    func bytes(_ bucket: Bucket) -> [UInt8] { bucket.bytes(head: head(bucket)) }

    private func head(_ bucket: Bucket) -> [UInt8] {
        let wraps = bucket.wraps { [wrapping.wrap($0, day: bucket.day, entropy)] }
        return BucketFile(day: bucket.day, wraps: wraps).head
    }

    /// - Throws: `missing`, or `malformed` if none of the keys opens the bucket.
    static func read(
        _ keys: String, _ day: CivilDate, _ wrapping: [WrappingKey]
    ) throws(KeyFailure) -> DayBucket {
        let path = path(keys, day)
        let bytes = try GuardedFile.read(path, limit: BucketFile.maximumBytes, rules: .secret)
        guard let file = BucketFile(parsing: bytes), file.day == day else {
            throw KeyFailure(.malformed, "`\(path)` is no bucket of that day")
        }
        if file.isDestroyed { return .destroyed }
        for wrap in file.wraps {
            for key in wrapping {
                if let bucketKey = key.unwrap(wrap, day: day) {
                    return .present(try Bucket(file, key: bucketKey))
                }
            }
        }
        throw KeyFailure(
            .malformed, "`\(path)` cannot be opened with the wrapping key",
            help: "restore `wrap.key` and `buckets` from the same backup")
    }

    /// The days that have a bucket, oldest first. Files with other names are ignored.
    static func days(_ keys: String) throws(KeyFailure) -> [CivilDate] {
        (try names(keys) ?? []).compactMap { name in
            name.hasSuffix(".bucket") ? CivilDate(String(name.dropLast(7))) : nil
        }
    }

    /// The names in the folder of buckets, or nil if the folder does not exist.
    private static func names(_ keys: String) throws(KeyFailure) -> [String]? {
        try GuardedFile.ifPresent(try GuardedFile.names(in: folder(keys)))
    }
}

/// The state of one day on disk.
enum DayBucket: Sendable {
    case absent
    case destroyed
    case present(Bucket)
}

/// The wrapping key and its successor.
struct WrappingKeyPair {
    /// Is nil if there is no file, or the key in it was wiped.
    let current: WrappingKey?
    let next: WrappingKey?

    init(_ keys: String) throws(KeyFailure) {
        current = try Self.read(BucketFolder.wrapFile(keys))
        next = try Self.read(BucketFolder.nextWrapFile(keys))
    }

    var all: [WrappingKey] { [next, current].compactMap { $0 } }

    private static func read(_ path: String) throws(KeyFailure) -> WrappingKey? {
        guard
            let bytes = try GuardedFile.ifPresent(
                try GuardedFile.read(path, limit: 64, rules: .secret))
        else { return nil }
        guard bytes.count == 32 else {
            throw KeyFailure(.malformed, "`\(path)` holds \(bytes.count) bytes instead of 32")
        }
        return WrappingKey(bytes)
    }
}
