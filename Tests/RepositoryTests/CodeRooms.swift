/// The folders of some code as rooms, with an arrow from each room to every room whose types it names.
///
/// Declarations and mentions are read as text. A name that two files declare is left out, because its mention does not
/// say which of them is meant.
struct CodeRooms {
    struct Arrow: Hashable {
        let from: String
        let to: String
    }
    /// The mentions behind each arrow, each with its file.
    let mentions: [Arrow: [String]]

    /// - Parameters:
    ///   - files: the code by path; the path's folders are the rooms.
    ///   - depth: the number of folders that make a room.
    init(_ files: [String: SwiftCode], depth: Int) {
        let rooms = Dictionary(
            uniqueKeysWithValues: files.keys.map { path in
                (path, path.split(separator: "/").dropLast().prefix(depth).joined(separator: "/"))
            })
        var homes: [String: Set<String>] = [:]
        for (path, code) in files {
            for name in code.declarations { homes[name, default: []].insert(path) }
        }
        var mentions: [Arrow: [String]] = [:]
        for (path, code) in files.sorted(by: { $0.key < $1.key }) {
            for name in Set(code.mentions).sorted() {
                guard let home = homes[name], home.count == 1, let to = rooms[home.first ?? ""],
                    let from = rooms[path], from != to
                else { continue }
                mentions[Arrow(from: from, to: to), default: []].append("\(name) in \(path)")
            }
        }
        self.mentions = mentions
    }

    /// The sets of rooms that reach one another, the largest first.
    var circles: [[String]] {
        let next = Dictionary(grouping: mentions.keys, by: \.from).mapValues { $0.map(\.to) }
        var reached: [String: Set<String>] = [:]
        for room in next.keys {
            var found: Set<String> = []
            var open = [room]
            while let here = open.popLast() {
                for other in next[here] ?? [] where found.insert(other).inserted {
                    open.append(other)
                }
            }
            reached[room] = found
        }
        let rings = reached.keys.filter { reached[$0]?.contains($0) == true }.map { room in
            reached[room, default: []].filter { reached[$0]?.contains(room) == true }.sorted()
        }
        return Set(rings).sorted { ($1.count, $0.joined()) < ($0.count, $1.joined()) }
    }

    /// The arrows inside a circle, the thinnest first, with what each names.
    func arrows(in circle: [String]) -> String {
        mentions.filter { circle.contains($0.key.from) && circle.contains($0.key.to) }
            .map {
                (count: $1.count, text: "\($0.from) -> \($0.to): \($1.joined(separator: ", "))")
            }
            .sorted { ($0.count, $0.text) < ($1.count, $1.text) }
            .map(\.text).joined(separator: "\n")
    }
}
