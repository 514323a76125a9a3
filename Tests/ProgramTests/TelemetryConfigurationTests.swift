import InterlockConfiguration
import InterlockPolicy
import InterlockYAML
import Testing

@testable import interlock

/// The key `telemetry.otlp`.
struct TelemetryConfigurationTests {
    private func read(_ otlp: String) throws -> Configuration {
        let text = "telemetry:\n  otlp: \(otlp)\n"
        let reading = readYAML(Array(text.utf8), file: "interlock.yaml")
        return try ConfigurationFile.read(
            try #require(reading.root, "\(reading.findings)"), file: "interlock.yaml")
    }

    private func message(_ otlp: String) -> String? {
        do {
            _ = try read(otlp)
            return nil
        } catch let failure as ConfigurationError {
            return failure.message
        } catch { return "\(error)" }
    }

    @Test func `a collector is written as it was read`() throws {
        var configuration = try read(
            "{url: \"https://collector.example/v1/traces\", headers: {authorization: otlp-token}}")
        configuration.ledger.origin = "acme/gw1/2026"
        let settings = try #require(configuration.telemetry.otlp)
        #expect(settings.url == "https://collector.example/v1/traces")
        #expect(settings.headers.map(\.name) == ["authorization"])
        #expect(settings.headers.map(\.secret) == ["otlp-token"])
        let text = ConfigurationFile.text(of: configuration)
        #expect(
            text.contains(
                "otlp: {url: \"https://collector.example/v1/traces\", headers: {authorization: otlp-token}}"
            ))
        let reading = readYAML(Array(text.utf8), file: "interlock.yaml")
        let again = try ConfigurationFile.read(
            try #require(reading.root), file: "interlock.yaml")
        #expect(ConfigurationFile.text(of: again) == text)
    }

    @Test func `none is exported by default`() throws {
        #expect(Configuration().telemetry.otlp == nil)
        #expect(try read("{}").telemetry.otlp == nil)
        #expect(
            try read("{url: \"http://127.0.0.1:4318/v1/traces\"}").telemetry.otlp?.headers == [])
    }

    @Test(arguments: [
        "on", "[]", "{headers: {a: b}}", "{url: \"http://collector.example/v1/traces\"}",
        "{url: \"https://u@collector.example/\"}", "{url: \"https://collector.example/#a\"}",
        "{url: \"https://c.example\", protocol: grpc}", "{url: \"https://c.example\", headers: []}",
        "{url: \"https://c.example\", headers: {Authorization: key}}",
        "{url: \"https://c.example\", headers: {\"a b\": key}}",
        "{url: \"https://c.example\", headers: {content-length: key}}",
        "{url: \"https://c.example\", headers: {authorization: \"Bearer key\"}}",
        "{url: \"https://c.e\", headers: {a: s, b: s, c: s, d: s, e: s, f: s, g: s, h: s, i: s}}",
    ])
    func `what cannot be meant is refused with its place`(_ otlp: String) {
        #expect(
            message(otlp)?.hasPrefix("interlock.yaml:2:9 `otlp` must be a collector ") == true,
            "\(message(otlp) ?? "taken")")
    }
}
