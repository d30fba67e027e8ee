// Shows the contract that this program answers. Nothing is fetched from elsewhere.
SwaggerUIBundle({ url: '/openapi.json', dom_id: '#contract', deepLinking: true, validatorUrl: null, tryItOutEnabled: true });
