import Glibc

/// This repository's files, as the checks read them. Paths are relative to the package root.
enum Repository {
    static let root = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }

    /// Every file under a folder whose name has one of these endings, in order, without build products and git's own
    /// files.
    static func files(under folder: String, endingIn ends: [String]) -> [String] {
        list("\(root)/\(folder)").sorted().flatMap { name -> [String] in
            let path = folder.isEmpty ? name : "\(folder)/\(name)"
            if isFolder("\(root)/\(path)") {
                return name == ".build" || name == ".git" ? [] : files(under: path, endingIn: ends)
            }
            return ends.contains { name.hasSuffix($0) } ? [path] : []
        }
    }

    /// The files of the same list whose text has `word`.
    static func files(
        under folder: String, endingIn ends: [String], having word: String
    ) -> [String] {
        files(under: folder, endingIn: ends).filter { has(word, in: text(of: $0)) }
    }

    static func exists(_ path: String) -> Bool { unsafe access("\(root)/\(path)", F_OK) == 0 }

    /// The lines of a file. The C library finds their ends: a debug build compares the text character by character.
    static func lines(of path: String) -> [Substring] {
        var text = text(of: path)
        var ends: [Int] = []
        text.withUTF8 { bytes in
            guard let base = bytes.baseAddress else { return }
            var start = 0
            while let hit = unsafe memchr(base + start, 0x0A, bytes.count - start) {
                let end = unsafe UnsafeRawPointer(hit) - UnsafeRawPointer(base)
                ends.append(end)
                start = end + 1
            }
        }
        var lines: [Substring] = []
        var start = text.startIndex
        for place in ends {
            let end = text.utf8.index(text.startIndex, offsetBy: place)
            lines.append(text[start..<end])
            start = text.utf8.index(after: end)
        }
        return lines + [text[start...]]
    }

    /// Returns true if `word` occurs in `text`; neither may have a NUL byte. A check asks this before it reads lines.
    static func has(_ word: String, in text: String) -> Bool { unsafe strstr(text, word) != nil }

    static func text(of path: String) -> String { text(at: "\(root)/\(path)") }

    /// The text of any file; empty if it cannot be read.
    static func text(at path: String) -> String {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe read(file, &buffer, buffer.count)
            if count <= 0 { break }
            bytes += buffer.prefix(count)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isFolder(_ path: String) -> Bool {
        let file = unsafe open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        if file >= 0 { close(file) }
        return file >= 0
    }

    private static func list(_ path: String) -> [String] {
        guard let folder = unsafe opendir(path) else { return [] }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
