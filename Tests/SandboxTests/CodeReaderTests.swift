import CLinux
import Glibc
import InterlockAdministration
import InterlockCredentials
import InterlockGovernor
import InterlockModel
import InterlockPorts
import Testing

@testable import InterlockSandbox

/// The files that a command resolves to, and the rule that only these are started (decision 0021).
@Suite(.serialized) struct CodeReaderTests {
    private let reader = CodeReader(hashing: OpenSSLHashing())
    private let environment = [("PATH", "/usr/bin:/bin")]

    private func read(_ argv: [String]) throws -> ProgramCode {
        try reader.read(argv, environment).code
    }

    private func reason(_ argv: [String]) -> String {
        do throws(LaunchFailure) {
            return "\(try reader.read(argv, environment).code.parts.map(\.path))"
        } catch { return error.reason }
    }

    private func real(_ path: String) throws -> String { try canonicalPath(path) }

    @Test func `a script is pinned with its interpreter, wherever links lead`() throws {
        let place = try Workplace(Starter.available[0])
        place.makeFile("server", "#!/bin/sh\necho one\n", 0o755)
        place.makeFile("by-env", "#!/usr/bin/env -S sh\necho one\n", 0o755)
        unsafe symlink("\(place.folder)/server", "\(place.folder)/link")
        let code = try read(["\(place.folder)/link", "--data", "\(place.folder)/by-env"])
        let script = try real("\(place.folder)/server")
        #expect(code.parts.map(\.path) == [script, try real("/bin/sh")])
        let text = Array("#!/bin/sh\necho one\n".utf8)
        #expect(code.parts[0].digest == OpenSSLHashing().sha256(text))
        let byEnv = try read(["\(place.folder)/by-env"]).parts.map(\.path)
        #expect(byEnv.dropFirst() == [try real("/usr/bin/env"), try real("/bin/sh")])

        place.makeFile("server", "#!/bin/sh\necho two\n", 0o755)
        let changed = try read(["\(place.folder)/link"])
        #expect(code.difference(from: code) == nil)
        #expect(code.difference(from: changed) == "`\(script)` has changed")
        unsafe unlink("\(place.folder)/link")
        unsafe symlink("\(place.folder)/by-env", "\(place.folder)/link")
        let other = code.difference(from: try read(["\(place.folder)/link"]))
        #expect(other?.hasPrefix("the command leads to `\(place.folder)/by-env`") == true)
    }

    @Test
    func `an interpreter is pinned with its script, and with the packages of its environment`()
        throws
    {
        let place = try Workplace(Starter.available[0])
        for name in ["venv", "venv/bin", "venv/lib", "venv/lib/a"] { place.makeFolder(name) }
        place.makeFile("venv/pyvenv.cfg", "home = /usr/bin\n", 0o644)
        place.makeFile("venv/lib/a/b.py", "b\n", 0o644)
        unsafe symlink("a/b.py", "\(place.folder)/venv/lib/c")
        unsafe symlink("/usr/bin/python3", "\(place.folder)/venv/bin/python")
        place.makeFile("server.py", "print()\n", 0o644)
        let root = "\(place.folder)/venv"
        let argv = ["\(root)/bin/python", "-u", "\(place.folder)/server.py", "\(root)/pyvenv.cfg"]
        let code = try read(argv)
        #expect(
            code.parts.map(\.path) == [
                try real("/usr/bin/python3"), "\(root)/pyvenv.cfg", "\(place.folder)/server.py",
                "\(root)/lib", "\(root)/lib",
            ])
        #expect(code.parts.map(\.kind).suffix(2) == [.folder, .caches])
        // The digests come from `sha256sum a/b.py` and, for the link's target, from `printf a/b.py | sha256sum`.
        let lines =
            "0263829989b6fd954f72baaf2fc64bc2e2f01d692d4de72986ea808f6e99813f  a/b.py\n"
            + "LINK @c\n".replacing("LINK", with: OpenSSLHashing().sha256(Array("a/b.py".utf8)).hex)
        #expect(code.parts[3].digest == OpenSSLHashing().sha256(Array(lines.utf8)))
        place.makeFile("venv/lib/a/new.py", "", 0o644)
        #expect(code.difference(from: try read(argv)) == "`\(root)/lib` has changed")
        let module = try read(["\(root)/bin/python", "-m", "b", "\(place.folder)/server.py"])
        #expect(module.parts.map(\.path).contains("\(place.folder)/server.py") == false)
    }

    @Test func `what an interpreter caches is no code, and files that changed are named`() throws {
        let place = try Workplace(Starter.available[0])
        let cache = "venv/lib/a/__pycache__"
        let argv = makeEnvironment(place)
        let before = try reader.look(argv, environment, in: "/", readsContents: true)
        let (reviewed, old) = (before.code, before.whole)
        let stamps = [true, false].map { before.stamp(withCaches: $0) }
        #expect(reader.comparison(of: before, with: reviewed) == .asReviewed(usesCaches: true))
        place.makeFile("\(cache)/b.cpython-311.pyc", "cached", 0o644)
        let cached = try reader.look(argv, environment, in: "/", readsContents: true)
        #expect(reviewed.difference(from: cached.code) == nil)
        #expect(reader.comparison(of: cached, with: reviewed) == .asReviewed(usesCaches: false))
        let told = [true, false].enumerated().map { place, withCaches in
            reader.changes(
                since: stamps[place], withCaches: withCaches, argv, environment, in: "/")
        }
        #expect(told == ["its code was written while it was started", nil])
        // Locks of earlier versions have the caches in the digest of the folder.
        #expect(reader.comparison(of: cached, with: cached.whole) == .asReviewed(usesCaches: true))
        #expect(reader.comparison(of: cached, with: old) != .asReviewed(usesCaches: true))
        // Byte code elsewhere is code: Python runs it where there is no source.
        place.makeFile("venv/lib/a/c.pyc", "code", 0o644)
        let other = try reader.look(argv, environment, in: "/", readsContents: true)
        guard case .differs(let difference) = reader.comparison(of: other, with: reviewed) else {
            Issue.record("byte code without a source is not seen")
            return
        }
        let written = "has changed; last written: `a/c.pyc` at 2"
        #expect(difference.hasPrefix("`\(place.folder)/venv/lib` \(written)"))
        // A cache below packages of Node is code as any other file.
        place.makeFolder("app/__pycache__")
        place.makeFile("app/package.json", "{}", 0o644)
        place.makeFile("app/main.js", "1", 0o644)
        place.makeFile("node", "binary", 0o755)
        let node = ["\(place.folder)/node", "\(place.folder)/app/main.js"]
        let package = try read(node)
        place.makeFile("app/__pycache__/x.pyc", "2", 0o644)
        #expect(package.difference(from: try read(node)) == "`\(place.folder)/app` has changed")
    }

    @Test(arguments: [
        "x__pycache__/b.cpython-311.pyc", "__pycache__/__init__.pyc", "__pycache__/m.pyc",
        "__pycache__/m.cpython-311.so",
    ])
    func `what Python imports without a source is code, whatever its folder is called`(
        _ file: String
    ) throws {
        let place = try Workplace(Starter.available[0])
        let argv = makeEnvironment(place)
        place.makeFolder("venv/lib/a/x__pycache__")
        let reviewed = try read(argv)
        place.makeFile("venv/lib/a/" + file, "code", 0o644)
        #expect(reviewed.difference(from: try read(argv)) != nil)
    }

    @Test(arguments: [["-I"], ["-sE"], ["-u", "-X", "dev", "-I"]])
    func `caches are code where Python ignores its variables`(_ options: [String]) throws {
        let place = try Workplace(Starter.available[0])
        let plain = makeEnvironment(place)
        let argv = [plain[0]] + options + plain.dropFirst()
        let reviewed = try read(argv)
        #expect(try read(plain).caches.count == 1 && reviewed.caches.isEmpty)
        place.makeFile("venv/lib/a/__pycache__/b.cpython-311.pyc", "cached", 0o644)
        #expect(reviewed.difference(from: try read(argv)) != nil)
    }

    @Test(arguments: ["#!/usr/bin/env -i python3", "#!PYTHON -E"])
    func `caches are code where the first line of a script removes variables`(
        _ line: String
    ) throws {
        let place = try Workplace(Starter.available[0])
        let argv = makeEnvironment(place)
        place.makeFile("venv/bin/server", line.replacing("PYTHON", with: argv[0]) + "\n", 0o755)
        #expect(try read(["\(place.folder)/venv/bin/server"]).caches.isEmpty)
    }

    @Test func `a folder that was replaced and put back while its server started is noticed`()
        throws
    {
        let place = try Workplace(Starter.available[0])
        let argv = makeEnvironment(place)
        let stamp = try reader.look(argv, environment, in: "/", readsContents: true)
            .stamp(withCaches: false)
        let (a, b) = ("\(place.folder)/venv/lib/a", "\(place.folder)/venv/lib/b")
        unsafe rename(a, b)
        unsafe rename(b, a)
        #expect(
            reader.changes(since: stamp, withCaches: false, argv, environment, in: "/") != nil)
    }

    /// Makes a Python environment with one module and an empty folder of caches.
    ///
    /// - Returns: the command that runs the module.
    private func makeEnvironment(_ place: Workplace) -> [String] {
        for name in ["", "/bin", "/lib", "/lib/a", "/lib/a/__pycache__"] {
            place.makeFolder("venv" + name)
        }
        place.makeFolder("app")
        place.makeFile("venv/pyvenv.cfg", "home = /usr/bin\n", 0o644)
        place.makeFile("venv/lib/a/b.py", "b\n", 0o644)
        let root = "\(place.folder)/venv"
        unsafe symlink("/usr/bin/python3", "\(root)/bin/python")
        return ["\(root)/bin/python", "\(root)/lib/a/b.py"]
    }

    @Test func `a package is the folder of its package file, or all it was installed among`() throws
    {
        let place = try Workplace(Starter.available[0])
        for name in ["app", "app/src", "app/.git", "app/node_modules", "app/node_modules/x"] {
            place.makeFolder(name)
        }
        place.makeFile("app/package.json", "{}", 0o644)
        place.makeFile("app/src/main.js", "1", 0o644)
        place.makeFile("app/node_modules/x/cli.js", "#!/usr/bin/env node\n", 0o755)
        place.makeFile("node", "binary", 0o755)
        let node = "\(place.folder)/node"
        let own = try read([node, "\(place.folder)/app/src/main.js"])
        #expect(own.parts.last?.path == "\(place.folder)/app")
        place.makeFile("app/.git/index", "2", 0o644)
        #expect(own.difference(from: try read([node, "\(place.folder)/app/src/main.js"])) == nil)
        let installed = try read([node, "\(place.folder)/app/node_modules/x/cli.js"])
        #expect(installed.parts.last?.path == "\(place.folder)/app/node_modules")
        #expect(CodeReader.caveat(of: ["/usr/bin/npx", "x"]) != nil)
        #expect(CodeReader.caveat(of: ["/usr/bin/python3.11", "x"]) == nil)
    }

    @Test func `what cannot be read whole is refused with its place`() throws {
        let place = try Workplace(Starter.available[0])
        #expect(reason(["\(place.folder)/missing"]).contains("missing"))
        #expect(reason(["missing"]) == "there is no program `missing` in PATH")
        #expect(reason([]) == "the command is empty")
        #expect(reason([place.folder]) == "`\(place.folder)` is no regular file")
        unsafe mkfifo("\(place.folder)/pipe", 0o755)
        #expect(reason(["\(place.folder)/pipe"]).contains("is no regular file"))
        place.makeFile("large", "", 0o755)
        unsafe truncate("\(place.folder)/large", 1 << 30)
        #expect(reason(["\(place.folder)/large"]).contains("is larger than 512 MiB"))
        place.makeFile("twice", "#!\(place.folder)/inner\n", 0o755)
        place.makeFile("inner", "#!/bin/sh\n", 0o755)
        #expect(reason(["\(place.folder)/twice"]).contains("is a script itself"))
        place.makeFile("nothing", "#!\n", 0o755)
        #expect(reason(["\(place.folder)/nothing"]).contains("names no interpreter"))
        unsafe symlink("\(place.folder)/round", "\(place.folder)/round")
        #expect(reason(["\(place.folder)/round"]).contains("too many levels"))
        for name in ["env", "env/lib", "env/bin"] { place.makeFolder(name) }
        place.makeFile("env/pyvenv.cfg", "", 0o644)
        place.makeFile("env/bin/server", "binary", 0o755)
        #expect(reason(["\(place.folder)/env/bin/server"]).hasPrefix("["))
        place.makeFile("env/lib/a\nb", "", 0o644)
        #expect(reason(["\(place.folder)/env/bin/server"]).contains("a name with a line break"))
        unsafe unlink("\(place.folder)/env/lib/a\nb")
        unsafe mkfifo("\(place.folder)/env/lib/pipe", 0o644)
        #expect(reason(["\(place.folder)/env/bin/server"]).contains("is no file, folder or link"))
    }

    @Test func `what is written after a look is seen, also where the bytes are the same again`()
        throws
    {
        let place = try Workplace(Starter.available[0])
        place.makeFile("server", "#!/bin/sh\necho one\n", 0o755)
        let argv = ["\(place.folder)/server"]
        let stamp = try reader.look(
            argv, environment, in: "/", readsContents: true
        ).stamp(withCaches: true)
        func changes() -> String? {
            reader.changes(since: stamp, withCaches: true, argv, environment, in: "/")
        }
        #expect(changes() == nil)
        usleep(20_000)
        place.makeFile("server", "#!/bin/sh\necho two\n", 0o755)
        place.makeFile("server", "#!/bin/sh\necho one\n", 0o755)
        #expect(changes() != nil)
    }

    @Test(arguments: Starter.available)
    func `a command is started while its code is as reviewed, and not a moment longer`(
        _ starter: Starter
    ) throws {
        let place = try Workplace(starter)
        place.makeFile("outside/server", "#!/bin/sh\necho one \"$0\"\n", 0o755)
        try place.copyFile("/bin/echo", "outside/echo", 0o755)
        let launcher = try SandboxLauncher(place.configuration(), hashing: OpenSSLHashing())
        func command(_ argv: [String], as reviewed: [String]? = nil) throws -> ChildCommand {
            ChildCommand(
                server: try place.server, agent: nil, argv: argv, environment: environment,
                code: try read(reviewed ?? argv))
        }
        let script = ["\(place.folder)/outside/server"]
        let good = try command(script)
        let child = try Child(launcher, good)
        child.read()
        #expect(child.standardOutput == "one \(script[0])\n", "\(child.standardError)")
        #expect(try child.wait() == 0)
        // A binary program is executed from the file that was read, even if its path leads elsewhere by then.
        let binary = try Child(launcher, try command(["\(place.folder)/outside/echo", "hello"]))
        binary.read()
        #expect(binary.standardOutput == "hello\n", "\(binary.standardError)")
        #expect(try binary.wait() == 0)

        place.makeFile("outside/server", "#!/bin/sh\necho two\n", 0o755)
        let failure = #expect(throws: LaunchFailure.self) { _ = try Child(launcher, good) }
        #expect(failure?.isOtherCode == true)
        #expect(failure?.reason == "its code is not as in the lock: `\(script[0])` has changed")
        unsafe unlink(script[0])
        let missing = #expect(throws: LaunchFailure.self) { _ = try Child(launcher, good) }
        #expect(missing?.isOtherCode == false)
        let blind = try SandboxLauncher(place.configuration())
        #expect(throws: LaunchFailure.self) {
            _ = try Child(blind, try command(["\(place.folder)/outside/echo"]))
        }
    }
}
