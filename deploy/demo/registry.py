# SPDX-License-Identifier: Apache-2.0
"""Chapter 1: what the administrator registers before anything can be issued."""
HOSPITAL = "12990101MA0A123492"
OTHER_HOSPITAL = "12990100MA0B567801"
MANAGING = "11990101009900179Q"
PLATFORM, POLICE, AUDITOR = "11990000009900339C", "11990101009900259C", "119900000099004190"


class Registry:
    def __init__(self, cli, out, printer):
        self.cli, self.out, self.print = cli, out, printer
        self.pki = out / "service" / "pki"

    def fill(self):
        for code, name, county, more in (
                (HOSPITAL, "南溪县人民医院", ("990101", "南溪县"), {"licensed": True}),
                (OTHER_HOSPITAL, "青禾市妇幼保健院", ("990100", "青禾市"), {"licensed": True}),
                (MANAGING, "南溪县卫生健康局", ("990101", "南溪县"),
                 {"licensed": True, "managing": True, "out_of_facility": True})):
            self.admin("institution", "-", stdin={
                "code": code, "name": name, "county_code": county[0], "county_name": county[1],
                "profile": "national-default", **more})
        self.print.line("登记2家签发机构、1家管理机构", "two issuing institutions, one managing")
        self.register_clients()
        self.register_operators()
        for code, first, last in ((HOSPITAL, "Z990000101", "Z990000300"),
                                  (OTHER_HOSPITAL, "Z990000501", "Z990000600"),
                                  (MANAGING, "Z990000701", "Z990000800")):
            self.admin("seal", code, "--seal", self.pki / "seals" / code / "seal.esl")
            self.admin("stock", code, first, last)
        self.print.line("印章启用,编号 Z990000101 起入库",
                        "seals enrolled; certificate numbers received")

    def admin(self, *words, stdin=None):
        return self.cli.ask("admin", "admin", *words, stdin=stdin)

    def register_clients(self):
        clients = (("connector", MANAGING, "ROLE_CONNECTOR"),
                   ("hospital-a", HOSPITAL, "ROLE_HOSPITAL"),
                   ("hospital-b", OTHER_HOSPITAL, "ROLE_HOSPITAL"),
                   ("issuer-a", HOSPITAL, "ROLE_ISSUING_INSTITUTION"),
                   ("issuer-b", OTHER_HOSPITAL, "ROLE_ISSUING_INSTITUTION"),
                   ("managing", MANAGING, "ROLE_MANAGING_INSTITUTION"),
                   ("platform", PLATFORM, "ROLE_PLATFORM"),
                   ("police", POLICE, "ROLE_POLICE"),
                   ("auditor", AUDITOR, "ROLE_AUDITOR"),
                   ("witness-police", POLICE, "ROLE_WITNESS"),
                   ("witness-health", MANAGING, "ROLE_WITNESS"),
                   ("witness-audit", AUDITOR, "ROLE_WITNESS"))
        for role, organisation, allowed in clients:
            client = {"organisation_code": organisation, "roles": [allowed], "active": True}
            if role == "connector":
                client["facility_codes"] = [HOSPITAL, OTHER_HOSPITAL]
            self.admin("client", "-", "--certificate", self.out / f"tls/{role}.pem", stdin=client)
        self.print.line(f"按TLS证书绑定医院、公安、见证方等{len(clients)}个调用方",
                        f"{len(clients)} callers bound to their TLS certificates")

    def register_operators(self):
        for name, code, may in (("li-qianfa", HOSPITAL, "may_issue"),
                                ("wang-gaizhang", HOSPITAL, "may_seal"),
                                ("zhao-qianfa", OTHER_HOSPITAL, "may_issue"),
                                ("sun-gaizhang", OTHER_HOSPITAL, "may_seal"),
                                ("zhou-qianfa", MANAGING, "may_issue"),
                                ("wu-gaizhang", MANAGING, "may_seal")):
            self.admin("operator", "-", "--public-key", self.pki / "operators" / f"{name}.pub",
                       stdin={"id": name, "institution_code": code, may: True, "active": True})
        self.print.line("签发人员、盖章人员各持密钥(SM2与P-256)",
                        "issuers and sealers hold their own keys, SM2 and P-256")
